// Introspection: the answer of the service equals that of graphql-js over the printed schema.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { buildSchema, getIntrospectionQuery, introspectionFromSchema } from "graphql";
import { url } from "./service.js";

const options = {
  descriptions: true,
  specifiedByUrl: true,
  directiveIsRepeatable: true,
  schemaDescription: true,
  inputValueDeprecation: true,
  oneOf: true,
};

/** Types that the specification defines; each program has descriptions of its own for them. */
const defined = (type) => type.name.startsWith("__") || ["Boolean", "ID", "Int", "String"].includes(type.name);

/** The same in a fixed order, without the program's descriptions of types that the specification defines. */
function plain(told) {
  const byName = (one, other) => (one.name < other.name ? -1 : 1);
  const sorted = (value) => {
    if (Array.isArray(value)) {
      const all = value.map(sorted);
      return all.every((one) => one?.name) ? all.sort(byName) : all;
    }
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
  };
  const silent = (value) => {
    if (Array.isArray(value)) return value.map(silent);
    if (value === null || typeof value !== "object") return value;
    const members = Object.entries(value).filter(([key]) => key !== "description");
    return Object.fromEntries(members.map(([key, member]) => [key, silent(member)]));
  };
  const { types, directives, ...rest } = told;
  return sorted({
    ...rest,
    types: types.map((type) => (defined(type) ? silent(type) : type)),
    directives: directives.map(silent),
  });
}

/** Removes the deprecation of directives, which graphql-js supports before the specification does. */
function asSpecified(told) {
  const type = (name) => told.types.find((one) => one.name === name);
  const locations = type("__DirectiveLocation");
  const isSpecified = (location) => location !== "DIRECTIVE_DEFINITION";
  locations.enumValues = locations.enumValues.filter((one) => isSpecified(one.name));
  const directive = type("__Directive");
  directive.fields = directive.fields.filter((one) => !/^(isDeprecated|deprecationReason)$/.test(one.name));
  const directives = type("__Schema").fields.find((one) => one.name === "directives");
  directives.args = directives.args.filter((one) => one.name !== "includeDeprecated");
  for (const one of told.directives) {
    delete one.isDeprecated;
    delete one.deprecationReason;
    one.locations = one.locations.filter(isSpecified);
  }
  // The edition of 2025 has `includeDeprecated: Boolean! = false`; graphql-js 16 has it without the mark.
  for (const field of told.types.filter(defined).flatMap((one) => one.fields ?? [])) {
    for (const argument of field.args.filter((one) => one.name === "includeDeprecated")) {
      if (argument.type.kind !== "NON_NULL") {
        argument.type = { kind: "NON_NULL", name: null, ofType: argument.type };
      }
    }
  }
  return told;
}

test("The answer to introspection equals that of the printed schema", async () => {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: getIntrospectionQuery(options) }),
  });
  const { data, errors } = await response.json();
  assert.equal(errors, undefined);
  const printed = buildSchema(readFileSync(new URL("../../schema.graphql", import.meta.url), "utf8"));
  const expected = plain(asSpecified(introspectionFromSchema(printed, options).__schema));
  const given = plain(data.__schema);
  for (const type of expected.types) {
    assert.deepEqual(given.types.find((one) => one.name === type.name), type);
  }
  assert.deepEqual(given, expected);
});
