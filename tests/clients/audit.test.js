// GraphQL over HTTP, checked by the server audits of the package graphql-http: all of them, warnings and notices
// included.

import assert from "node:assert/strict";
import { test } from "node:test";
import { serverAudits } from "graphql-http";
import { url } from "./service.js";

const audits = serverAudits({ url });

test("There are 61 audits", () => {
  assert.equal(new Set(audits.map((audit) => audit.id)).size, 61);
});

for (const audit of audits) {
  test(`${audit.id} ${audit.name}`, async () => {
    const result = await audit.fn();
    assert.equal(result.status, "ok", result.reason);
  });
}
