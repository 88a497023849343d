// Apollo Client: queries, errors with their codes, automatic persisted queries, and subscriptions.

import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { test } from "node:test";
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { changes, firstFive, heard, oldest, socketUrl, url } from "./service.js";

// The link expects it here, as in browsers; Node.js 20 has none.
globalThis.WebSocket = WebSocket;

function apollo(link) {
  return new ApolloClient({ link, cache: new InMemoryCache() });
}

test("A query with variables", async () => {
  const client = apollo(new HttpLink({ uri: url }));
  const query = gql`query Unit($code: CountryCode!, $first: Int) {
    country(code: $code) { name operationalUnits(first: $first) { totalCount nodes { name } } }
  }`;
  const { data } = await client.query({ query, variables: { code: "AZ", first: 1 } });
  assert.equal(data.country.name, "Azerbaijan");
  assert.equal(data.country.operationalUnits.totalCount, 3);
  const names = data.country.operationalUnits.nodes.map((unit) => unit.name);
  assert.deepEqual(names, ["Counter-intelligence Provision of the Economy"]);
});

test("A field error has its code, and the other fields have data", async () => {
  const client = apollo(new HttpLink({ uri: url }));
  const query = gql`{
    known: treaty(reference: "ETS 185") { reference }
    asked: country(code: "AZ") { history(first: 1000) { totalCount } }
  }`;
  const { data, error } = await client.query({ query, errorPolicy: "all" });
  assert.equal(error.errors.length, 1);
  assert.equal(error.errors[0].extensions.code, "BAD_USER_INPUT");
  assert.deepEqual(error.errors[0].path, ["asked", "history"]);
  assert.equal(data.known.reference, "ETS 185");
  assert.equal(data.asked, null);
});

test("A refused document has an error code", async () => {
  const client = apollo(new HttpLink({ uri: url }));
  await assert.rejects(client.query({ query: gql`{ nothing }` }), (error) => {
    assert.equal(error.errors[0].extensions.code, "BAD_USER_INPUT");
    return true;
  });
});

/** A client that sends hashes, and the status of each of its requests. */
function persisting(sha256) {
  const sent = [];
  const send = async (address, init) => {
    const response = await fetch(address, init);
    const { errors } = await response.clone().json();
    const members = init.body ? Object.keys(JSON.parse(init.body)) : [...new URL(address).searchParams.keys()];
    const what = members.includes("query") ? "text" : "hash";
    sent.push(`${init.method} ${what}: ${errors ? errors[0].extensions.code : "data"}`);
    return response;
  };
  const persisted = new PersistedQueryLink({ sha256, useGETForHashedQueries: true });
  return { sent, client: apollo(persisted.concat(new HttpLink({ uri: url, fetch: send }))) };
}

const sha256 = (text) => createHash("sha256").update(text).digest("hex");

/** A query that the server has never received. */
function unseen() {
  return gql`query Unseen${randomUUID().replaceAll("-", "")}($code: CountryCode!) { country(code: $code) { name } }`;
}

test("A query is sent once, and then its hash is enough", async () => {
  const query = unseen();
  const first = persisting(sha256);
  const { data } = await first.client.query({ query, variables: { code: "AZ" } });
  assert.equal(data.country.name, "Azerbaijan");
  assert.deepEqual(first.sent, ["GET hash: PERSISTED_QUERY_NOT_FOUND", "POST text: data"]);
  const second = persisting(sha256);
  const again = await second.client.query({ query, variables: { code: "HU" } });
  assert.equal(again.data.country.name, "Hungary");
  assert.deepEqual(second.sent, ["GET hash: data"]);
});

test("A query is not stored under the hash of another", async () => {
  const stolen = sha256(randomUUID());
  const { client, sent } = persisting(() => stolen);
  for (const query of [unseen(), unseen()]) {
    await assert.rejects(client.query({ query, variables: { code: "AZ" } }));
  }
  const refused = ["GET hash: PERSISTED_QUERY_NOT_FOUND", "POST text: BAD_USER_INPUT"];
  assert.deepEqual(sent, [...refused, ...refused]);
});

/** A client that sends everything over a WebSocket. */
function overSocket(connectionParams) {
  return apollo(new GraphQLWsLink(createClient({ url: socketUrl, connectionParams })));
}

/** A client that subscribes by HTTP: its link asks for a multipart response. */
function overHttp(fetch) {
  return apollo(new HttpLink({ uri: url, fetch }));
}

for (const [transport, client] of [["WebSocket", overSocket], ["a multipart response", overHttp]]) {
  test(`A subscription over ${transport} sends the log from its beginning`, { timeout: 10_000 }, async (t) => {
    const variables = { after: await oldest() };
    const subscription = client().subscribe({ query: gql(changes), variables });
    const told = await heard(t, subscription, ({ data, error }) => {
      assert.equal(error, undefined);
      const { __typename, ...change } = data.changes;
      assert.equal(__typename, "Change");
      return change;
    });
    assert.deepEqual(told, await firstFive());
  });

  test(`A refused subscription over ${transport} returns its error`, { timeout: 10_000 }, async (t) => {
    const subscription = client().subscribe({ query: gql(changes), variables: { after: "nowhere" } });
    const { error } = await new Promise((resolve) => {
      const running = subscription.subscribe(resolve);
      t.after(() => running.unsubscribe());
    });
    assert.equal(error.errors[0].extensions.code, "BAD_USER_INPUT");
  });
}

test("A multipart response ends, and the subscription is complete", { timeout: 10_000 }, async () => {
  let contentType;
  const client = overHttp(async (address, init) => {
    const response = await fetch(address, init);
    contentType = response.headers.get("content-type");
    return response;
  });
  const subscription = client.subscribe({ query: gql(changes), variables: { after: "nowhere" } });
  const errors = [];
  await new Promise((complete, error) => {
    subscription.subscribe({ next: (answer) => errors.push(answer.error), complete, error });
  });
  assert.equal(contentType, 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0');
  assert.equal(errors.length, 1);
});

test("A token in a form that is not read is an error with the accepted forms", { timeout: 10_000 }, async (t) => {
  const subscription = overSocket({ authToken: "cp_x" }).subscribe({ query: gql(changes) });
  const { error } = await new Promise((resolve) => {
    const running = subscription.subscribe(resolve);
    t.after(() => running.unsubscribe());
  });
  // The link reports a closed socket as an error with the code and the reason.
  const reported = `${error.message} ${error.cause?.code ?? ""} ${error.cause?.reason ?? ""}`;
  assert.match(reported, /authToken is not read: send \{authorization:"Bearer T"\}/);
});
