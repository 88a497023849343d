// The types that a TypeScript client generates from the schema. The compiler is the test: each line under
// `@ts-expect-error` must be a type error, and no other line may be one.

import { type Client } from "@urql/core";
import { getFragmentData, graphql } from "./__generated__/index.js";
import type { ContributionState, CreateContributionInput } from "./__generated__/graphql.js";

const standing = graphql(`
  fragment Standing on TreatyParticipation { status since { edtf } treaty { reference } }
`);

const profile = graphql(`
  query Profile($code: CountryCode!, $topics: [CoverageTopic!]) {
    country(code: $code) {
      name
      alpha3
      coverage(topics: $topics) { topic value }
      treatyParticipations { ...Standing }
    }
  }
`);

const record = graphql(`
  query OneRecord($id: ID!) {
    node(id: $id) {
      __typename
      ... on Country { code }
      ... on Treaty { reference }
    }
  }
`);

const contribute = graphql(`
  mutation Contribute($input: CreateContributionInput!) {
    createContribution(input: $input) { contribution { state } userErrors { code path } }
  }
`);

const changes = graphql(`
  subscription Changes($after: Cursor) { changes(after: $after) { cursor sequence } }
`);

export async function read(client: Client): Promise<string[]> {
  const { data } = await client.query(profile, { code: "AZ", topics: ["CYBERSECURITY_STRATEGY"] });
  // @ts-expect-error: there may be no such country
  data?.country.name;
  if (!data?.country) return [];
  const name: string = data.country.name;
  // @ts-expect-error: not every country has one
  const alpha3: string = data.country.alpha3;
  const standings = getFragmentData(standing, data.country.treatyParticipations);
  return [name, alpha3, ...standings.map(({ status, since, treaty }) => {
    // @ts-expect-error: there is no such status
    if (status === "RATIFIED") return "";
    return `${treaty.reference} ${status} ${since?.edtf ?? ""}`;
  })];
}

export async function refused(client: Client): Promise<void> {
  // @ts-expect-error: `code` must be given
  await client.query(profile, {});
  // @ts-expect-error: there is no such topic
  await client.query(profile, { code: "AZ", topics: ["WEATHER"] });
  // @ts-expect-error: a cursor is a text
  client.subscription(changes, { after: 1 });
}

export async function find(client: Client, id: string): Promise<string | null> {
  const node = (await client.query(record, { id })).data?.node;
  switch (node?.__typename) {
    case "Country": return node.code;
    case "Treaty": return node.reference;
    default: return null;
  }
}

export async function propose(client: Client): Promise<ContributionState | undefined> {
  const input: CreateContributionInput = {
    title: "A name",
    rationale: "It was missing.",
    changes: [
      { updateCountry: { id: "Country:az", baseVersion: 1, set: { designationNote: "A note." } } },
      // @ts-expect-error: a change is one of its members
      { retire: { id: "Country:az", baseVersion: 1, reason: "Gone." }, createSource: { key: "a", fields: {} } },
    ],
  };
  const { data } = await client.mutation(contribute, { input });
  return data?.createContribution.contribution?.state;
}

export function follow(client: Client, after: string, hear: (sequence: number) => void): () => void {
  return client.subscription(changes, { after }).subscribe(({ data }) => {
    if (data) hear(data.changes.sequence);
  }).unsubscribe;
}
