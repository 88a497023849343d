// The normalised caches of Apollo Client and Relay store the present and each past moment separately.
//
// CYBERPROFILES_URL is a server with the bundled data, on which the Budapest Convention was renamed to "Renamed" after
// CYBERPROFILES_CURSOR.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ApolloClient, HttpLink, InMemoryCache, gql } from "@apollo/client";
import relay from "relay-runtime";
import besideQuery from "./relay/__generated__/queriesBesideQuery.graphql.js";
import nodeQuery from "./relay/__generated__/queriesNodeQuery.graphql.js";
import presentQuery from "./relay/__generated__/queriesPresentQuery.graphql.js";

const uri = `${process.env.CYBERPROFILES_URL}/graphql`;
const cursor = process.env.CYBERPROFILES_CURSOR;
const day = "2009-01-01";

/** Checks the data that a client reads from its cache. */
function check(data) {
  assert.equal(data.treaty.shortTitle, "Renamed");
  assert.equal(data.known.treaty.shortTitle, "Budapest Convention");
  assert.equal(data.country.treatyStatus.status, "PARTY");
  assert.equal(data.then.country.treatyStatus.status, "SIGNATORY");
  assert.equal(data.treaty.id, "Treaty:ets-185");
  assert.equal(data.known.treaty.id, `Treaty:ets-185@${cursor}`);
  assert.equal(data.known.treaty.recordId, "Treaty:ets-185");
  assert.match(data.then.country.id, /^Country:az@[\w-]+,2009-01-01$/);
  assert.equal(data.then.country.recordId, "Country:az");
}

const country = "country(code: \"AZ\") { id recordId treatyStatus { status } }";
const treaty = "treaty(reference: \"ETS 185\") { id recordId shortTitle }";
const beside = gql(`query Beside($cursor: Cursor!, $day: Date!) { ${country} ${treaty}
  known: at(cursor: $cursor) { ${treaty} } then: at(asOf: $day) { ${country} } }`);
const present = gql(`query Present { ${country} ${treaty} }`);
const node = gql("query Node($id: ID!) { node(id: $id) { id ... on Treaty { recordId shortTitle } } }");

function apollo() {
  return new ApolloClient({ link: new HttpLink({ uri }), cache: new InMemoryCache() });
}

test("Apollo Client caches the present and the past separately", async () => {
  const client = apollo();
  const variables = { cursor, day };
  check((await client.query({ query: beside, variables })).data);
  const past = `Treaty:ets-185@${cursor}`;
  await client.query({ query: present, fetchPolicy: "network-only" });
  const found = await client.query({ query: node, variables: { id: past } });
  assert.equal(found.data.node.shortTitle, "Budapest Convention");
  const kept = client.cache.extract();
  assert.equal(kept["Treaty:Treaty:ets-185"].shortTitle, "Renamed");
  assert.equal(kept[`Treaty:${past}`].shortTitle, "Budapest Convention");
  assert.equal(Object.keys(kept).filter((key) => key.startsWith("Country:")).length, 2);
  check((await client.query({ query: beside, variables, fetchPolicy: "cache-only" })).data);
});

test("With plain ids Apollo Client would mix the present and the past", async () => {
  const client = apollo();
  const plain = "country(code: \"AZ\") { id: recordId treatyStatus { status } }";
  const query = gql(`query Plain($day: Date!) { ${plain} then: at(asOf: $day) { ${plain} } }`);
  const variables = { day };
  await client.query({ query, variables });
  const kept = Object.keys(client.cache.extract()).filter((key) => key.startsWith("Country:"));
  assert.equal(kept.length, 1);
});

test("Relay caches the present and the past separately", async () => {
  const send = async (operation, variables) => {
    const response = await fetch(uri, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: operation.text, variables }),
    });
    return response.json();
  };
  const store = new relay.Store(new relay.RecordSource());
  const environment = new relay.Environment({ network: relay.Network.create(send), store });
  const variables = { cursor, day };
  const ask = (query, variables) => relay.fetchQuery(environment, query, variables).toPromise();
  const operation = relay.createOperationDescriptor(besideQuery, variables);
  environment.retain(operation);
  check(await ask(besideQuery, variables));
  const past = `Treaty:ets-185@${cursor}`;
  await ask(presentQuery, {});
  assert.equal((await ask(nodeQuery, { id: past })).node.shortTitle, "Budapest Convention");
  const kept = store.getSource().toJSON();
  assert.equal(kept["Treaty:ets-185"].shortTitle, "Renamed");
  assert.equal(kept[past].shortTitle, "Budapest Convention");
  assert.equal(Object.keys(kept).filter((key) => /^Country:az(@[^:]*)?$/.test(key)).length, 2);
  check(environment.lookup(operation.fragment).data);
});
