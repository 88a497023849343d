// urql: queries by POST and by GET, a fragment, errors with their codes, and subscriptions over each transport.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, cacheExchange, fetchExchange, gql, subscriptionExchange } from "@urql/core";
import { createClient as overEvents } from "graphql-sse";
import { createClient as overSocket } from "graphql-ws";
import WebSocket from "ws";
import { changes, firstFive, heard, oldest, socketUrl, url } from "./service.js";

/** A client, and the status of each of its requests. */
function urql(options) {
  const sent = [];
  const send = async (address, init) => {
    const response = await fetch(address, init);
    sent.push(`${init.method} ${response.status} ${response.headers.get("content-type").split(";")[0]}`);
    return response;
  };
  const exchanges = [cacheExchange, fetchExchange];
  return { sent, client: new Client({ url, fetch: send, exchanges, ...options }) };
}

const standing = gql`
  query Standing($code: CountryCode!, $treaty: TreatyReference!) {
    country(code: $code) { name treatyStatus(treaty: $treaty) { ...standing } }
  }
  fragment standing on TreatyParticipation { status since { edtf } }
`;

for (const [method, preferGetMethod] of [["POST", false], ["GET", "force"]]) {
  test(`A query with variables and a fragment by ${method}`, async () => {
    const { client, sent } = urql({ preferGetMethod });
    const { data, error } = await client.query(standing, { code: "AZ", treaty: "ETS 185" });
    assert.equal(error, undefined);
    assert.equal(data.country.name, "Azerbaijan");
    assert.equal(data.country.treatyStatus.status, "PARTY");
    assert.equal(data.country.treatyStatus.since.edtf, "2010-07-01");
    // It accepts this type first, and event streams too.
    assert.deepEqual(sent, [`${method} 200 application/graphql-response+json`]);
  });
}

test("A field error has its code, and the other fields have data", async () => {
  const { client } = urql({ preferGetMethod: false });
  const query = gql`{
    known: country(code: "AZ") { name }
    asked: country(code: "AZ") { history(first: 1000) { totalCount } }
  }`;
  const { data, error } = await client.query(query, {});
  assert.equal(error.networkError, undefined);
  assert.equal(error.graphQLErrors.length, 1);
  assert.equal(error.graphQLErrors[0].extensions.code, "BAD_USER_INPUT");
  assert.deepEqual(error.graphQLErrors[0].path, ["asked", "history"]);
  assert.equal(data.known.name, "Azerbaijan");
  assert.equal(data.asked, null);
});

test("A refused document has an error code", async () => {
  const { client, sent } = urql({ preferGetMethod: false });
  const { data, error } = await client.query(gql`{ nothing }`, {});
  assert.equal(error.networkError, undefined);
  assert.equal(error.graphQLErrors[0].extensions.code, "BAD_USER_INPUT");
  assert.equal(data, undefined);
  assert.deepEqual(sent, ["POST 400 application/graphql-response+json"]);
});

/** Lets urql subscribe with another library's client. */
function by(client) {
  const forwardSubscription = ({ query, variables }) => ({
    subscribe: (sink) => ({ unsubscribe: client.subscribe({ query, variables }, sink) }),
  });
  return { exchanges: [subscriptionExchange({ forwardSubscription })] };
}

const ways = {
  "urql alone": () => ({ fetchSubscriptions: true }),
  "graphql-sse": () => by(overEvents({ url })),
  "graphql-ws": () => by(overSocket({ url: socketUrl, webSocketImpl: WebSocket })),
};

for (const [name, way] of Object.entries(ways)) {
  test(`A subscription sends the log from its beginning, with ${name}`, { timeout: 10_000 }, async (t) => {
    const { client } = urql({ exchanges: [fetchExchange], ...way() });
    const told = await heard(t, client.subscription(changes, { after: await oldest() }), ({ data, error }) => {
      assert.equal(error, undefined);
      return data.changes;
    });
    assert.deepEqual(told, await firstFive());
  });
}
