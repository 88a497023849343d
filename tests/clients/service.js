// The address of the service, and its answers to plain requests, with which the clients are compared.
//
// CYBERPROFILES_URL is a server with the bundled data.

import assert from "node:assert/strict";

export const url = `${process.env.CYBERPROFILES_URL}/graphql`;
export const socketUrl = `${url.replace(/^http/, "ws")}/ws`;

/** The subscription that every client opens. */
export const changes = `subscription Changes($after: Cursor) {
  changes(after: $after) { cursor sequence operation recordId }
}`;

async function ask(query) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query }),
  });
  const answer = await response.json();
  assert.equal(answer.errors, undefined);
  return answer.data;
}

/** The cursor before the first change. */
export async function oldest() {
  return (await ask("{ at(knownAt: \"1970-01-01T00:00:00Z\") { cursor } }")).at.cursor;
}

/** The first five changes in the answer to a plain query, which subscribers must receive first. */
export async function firstFive() {
  const data = await ask("{ changes(first: 5) { nodes { cursor sequence operation recordId } } }");
  assert.deepEqual(data.changes.nodes.map((change) => change.sequence), [1, 2, 3, 4, 5]);
  return data.changes.nodes;
}

/** The first five changes of a client's subscription in a test, without waiting for more. */
export function heard(t, subscription, told) {
  return new Promise((resolve, reject) => {
    const changes = [];
    const running = subscription.subscribe((answer) => {
      try {
        changes.push(told(answer));
      } catch (error) {
        reject(error);
      }
      if (changes.length === 5) resolve([...changes]);
    });
    t.after(() => running.unsubscribe());
  });
}
