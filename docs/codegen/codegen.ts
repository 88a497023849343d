// Configuration of graphql-codegen: TypeScript types for every operation in `src`, and for each scalar of the schema.
// Copy it beside your package.json. docs/clients.md describes it.

import type { CodegenConfig } from "@graphql-codegen/cli";

/** The type of each scalar in variables and answers, as JSON carries it. */
export const scalars = {
  CountryCode: "string",
  Cursor: "string",
  Date: "string",
  DateTime: "string",
  Edtf: "string",
  JSON: "unknown",
  Language: "string",
  Markdown: "string",
  Sequence: "number",
  TreatyReference: "string",
  URL: "string",
};

/** Options of each output. A scalar that `scalars` does not name is an error, so a new one is noticed. */
export const options = {
  scalars,
  strictScalars: true,
  defaultScalarType: "unknown",
  // Enums may get new values: a union of texts accepts them without a new build of the client.
  enumsAsTypes: true,
};

export const config: CodegenConfig = {
  schema: "http://localhost:8000/schema.graphql",
  documents: "src/**/*.{ts,tsx}",
  importExtension: ".js",
  generates: {
    "src/generated/": {
      preset: "client",
      presetConfig: { fragmentMasking: { unmaskFunctionName: "getFragmentData" } },
      config: options,
    },
  },
};

export default config;
