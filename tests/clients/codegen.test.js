// The configuration of graphql-codegen in docs: it types each scalar of the schema, and a missing one is an error.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { generate, loadCodegenConfig } from "@graphql-codegen/cli";
import { buildSchema, isScalarType, isSpecifiedScalarType } from "graphql";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const schema = path("../../schema.graphql");

const { config: published } = await loadCodegenConfig({ configFilePath: path("../../docs/codegen/codegen.ts") });
const [output] = Object.values(published.generates);

/** The scalars of the schema that the specification does not define. */
function scalars() {
  const types = Object.values(buildSchema(readFileSync(schema, "utf8")).getTypeMap());
  const own = types.filter((type) => isScalarType(type) && !isSpecifiedScalarType(type));
  return own.map((type) => type.name).sort();
}

/** The types that are generated for an operation with these types of scalars. */
async function generated(document, typed) {
  const files = await generate({
    ...published,
    silent: true,
    schema,
    documents: document,
    generates: { "nowhere/": { ...output, config: { ...output.config, scalars: typed } } },
  }, false);
  return files.map((file) => file.content).join("\n");
}

test("Each scalar of the schema has a type, and no other", () => {
  assert.deepEqual(Object.keys(output.config.scalars).sort(), scalars());
  assert.equal(output.config.strictScalars, true);
  assert.equal(output.config.defaultScalarType, "unknown");
});

test("A scalar without a type is an error", async () => {
  const document = "query Day($code: CountryCode!) { at(asOf: \"2020-01-01\") { asOf country(code: $code) { updatedAt } } }";
  const all = output.config.scalars;
  assert.match(await generated(document, all), /code: string/);
  for (const scalar of ["CountryCode", "Date", "DateTime"]) {
    const { [scalar]: missing, ...others } = all;
    assert.equal(missing, "string");
    await assert.rejects(generated(document, others), new RegExp(`Unknown scalar type ${scalar}\\b`));
  }
});
