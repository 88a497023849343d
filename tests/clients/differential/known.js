// Values that find something, and a contribution for editors to see.

import { kinds } from "./kinds.js";
import { ask } from "./service.js";

async function data(document, as) {
  const { answer } = await ask({ document, as });
  if (answer.errors) throw new Error(`${document}: ${JSON.stringify(answer.errors)}`);
  return answer.data;
}

/** Values from the bundled data. */
export async function known() {
  const proposed = await data(
    `mutation { createContribution(input: { title: "A retirement", rationale: "It is so.", submit: true,
    idempotencyKey: "differential", changes: [
      { updateTreaty: { id: "Treaty:ets-185", baseVersion: 1, set: { shortTitle: "Renamed" }, cite: { source: "Source:coe-chart-185-2015", quote: "Renamed." } } }
      { createSource: { fields: { kind: NEWS, title: "News", url: "https://example.org/news" } } }
    ] }) { contribution { id } userErrors { code message path } } }`,
    "editor",
  );
  const { userErrors } = proposed.createContribution;
  if (userErrors.length > 0) throw new Error(`a contribution was not stored: ${JSON.stringify(userErrors)}`);
  const pages = kinds.map((kind) => `${kind}: records(first: 5, kinds: [${kind}]) { nodes { id } }`).join(" ");
  const own = await data(
    `{ contributions(first: 2) { nodes { id } } changes(first: 3) { nodes { id } edges { cursor } } }`,
    "editor",
  );
  const found = await data(
    `{ ${pages} treaties(first: 10) { nodes { reference } } at(knownAt: "1970-01-01T00:00:00Z") { cursor } }`,
  );
  return {
    ids: [
      ...kinds.flatMap((kind) => found[kind].nodes.map((node) => node.id)),
      ...own.contributions.nodes.map((node) => node.id),
      ...own.changes.nodes.map((node) => node.id),
      "Country:az",
      "Treaty:ets-185",
      "Country:zz",
    ],
    codes: ["AZ", "AZ", "GE", "FR", "GB", "EU", "ZZ", "az"],
    references: found.treaties.nodes.map((node) => node.reference),
    cursors: own.changes.edges.map((edge) => edge.cursor),
    oldest: found.at.cursor,
  };
}
