// Bibliographic references, read by Citation.js: BibTeX and CSL-JSON give back the title, the version, the day of the
// commit and the permalink, for titles with the characters that BibTeX and LaTeX reserve.
//
// CYBERPROFILES_URL is a server with sources whose keys begin with `awkward-`.

import assert from "node:assert/strict";
import test from "node:test";

import { Cite } from "@citation-js/core";
import "@citation-js/plugin-bibtex";
import "@citation-js/plugin-csl";

import { url } from "./service.js";

const query = `query Awkward($ids: [ID!]!) { nodes(ids: $ids) { ... on Source {
  title version updatedAt permalink bibtex: citeAs(format: BIBTEX) csl: citeAs(format: CSL_JSON)
} } }`;

async function sources() {
  const ids = [0, 1, 2, 3].map((number) => `Source:awkward-${number}`);
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables: { ids } }),
  });
  const answer = await response.json();
  assert.equal(answer.errors, undefined);
  assert.equal(answer.data.nodes.filter(Boolean).length, 4);
  return answer.data.nodes;
}

/** The item that Citation.js reads from a text in BibTeX or CSL-JSON. */
function item(text) {
  const { data } = new Cite(text);
  assert.equal(data.length, 1);
  return data[0];
}

test("BibTeX gives back title, year, month, version and address", async () => {
  for (const source of await sources()) {
    const read = item(source.bibtex);
    assert.equal(read.title, source.title);
    assert.equal(read.URL, source.permalink);
    assert.equal(read.version, String(source.version));
    assert.equal(read.publisher, "Cyberprofiles");
    const [year, month] = source.updatedAt.split("-").map(Number);
    assert.deepEqual(read.issued["date-parts"], [[year, month]]);
  }
});

test("CSL-JSON gives back the same, and a style formats it", async () => {
  for (const source of await sources()) {
    const read = item(source.csl);
    assert.equal(read.type, "entry");
    assert.equal(read.title, source.title);
    assert.equal(read.URL, source.permalink);
    const [year, month, day] = source.updatedAt.split("T")[0].split("-").map(Number);
    assert.deepEqual(read.issued["date-parts"], [[year, month, day]]);
    assert.equal(read.id, item(source.bibtex).id);
    const formatted = new Cite(source.csl).format("bibliography", { format: "text", template: "apa" });
    assert.match(formatted, new RegExp(`^Cyberprofiles contributors\\. \\(${year}\\)\\. .*${source.version}`));
    assert.ok(formatted.includes(source.permalink), formatted);
  }
});
