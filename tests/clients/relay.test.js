// Relay: lists, loaded page by page into one connection of its store, and fragments, refetched by the id of their node.

import assert from "node:assert/strict";
import { test } from "node:test";
import relay from "relay-runtime";
import logQuery from "./relay/__generated__/pagesLogQuery.graphql.js";
import moreUnitsQuery from "./relay/__generated__/pagesMoreUnitsQuery.graphql.js";
import nameQuery from "./relay/__generated__/pagesNameQuery.graphql.js";
import unitsQuery from "./relay/__generated__/pagesUnitsQuery.graphql.js";
import { firstFive, url } from "./service.js";

/** An environment: a function that sends queries, and one that reads its store. */
function relayed() {
  const send = async (operation, variables) => {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: operation.text, variables }),
    });
    return response.json();
  };
  const store = new relay.Store(new relay.RecordSource());
  const environment = new relay.Environment({ network: relay.Network.create(send), store });
  const ask = (query, variables) => {
    environment.retain(relay.createOperationDescriptor(query, variables));
    return relay.fetchQuery(environment, query, variables).toPromise();
  };
  const kept = (name) => store.getSource().get(name);
  return { ask, kept };
}

/** Nodes of a connection in the store. */
function nodes(kept, name) {
  return kept(name).edges.__refs.map((edge) => kept(kept(edge).node.__ref));
}

/** Page info of a connection in the store. */
function pageInfo(kept, name) {
  return kept(kept(name).pageInfo.__ref);
}

test("A root list is loaded page by page", async () => {
  const { ask } = relayed();
  const sequences = (data) => data.changes.edges.map((edge) => edge.node.sequence);
  const first = await ask(logQuery, { count: 2, cursor: null });
  assert.deepEqual(sequences(first), [1, 2]);
  assert.equal(first.changes.pageInfo.hasNextPage, true);
  assert.equal(first.changes.pageInfo.endCursor, (await firstFive())[1].cursor);
  const both = await ask(logQuery, { count: 3, cursor: first.changes.pageInfo.endCursor });
  assert.deepEqual(sequences(both), [1, 2, 3, 4, 5]);
});

test("A list of a record is loaded page by page through its node", async () => {
  const { ask, kept } = relayed();
  await ask(unitsQuery, { code: "AZ" });
  const name = "client:Country:az:__pagesUnits_operationalUnits_connection";
  assert.equal(nodes(kept, name).length, 2);
  const { endCursor, hasNextPage } = pageInfo(kept, name);
  assert.equal(hasNextPage, true);
  await ask(moreUnitsQuery, { id: "Country:az", count: 2, cursor: endCursor });
  assert.deepEqual(nodes(kept, name).map((unit) => unit.name), [
    "Counter-intelligence Provision of the Economy",
    "Department of Combating Crimes in Communications and IT",
    null,
  ]);
  assert.equal(pageInfo(kept, name).hasNextPage, false);
});

test("A fragment is refetched with other variables through its node", async () => {
  const { ask, kept } = relayed();
  await ask(unitsQuery, { code: "AZ" });
  await ask(nameQuery, { id: "Country:az", language: ["fr"] });
  assert.equal(kept("Country:az").name, "Azerbaijan");
  assert.equal(kept("Country:az")["name(language:[\"fr\"])"], "Azerbaïdjan");
});
