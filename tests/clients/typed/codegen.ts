import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  schema: "../../schema.graphql",
  documents: "typed/*.ts",
  importExtension: ".js",
  generates: {
    "typed/__generated__/": {
      preset: "client",
      presetConfig: { fragmentMasking: { unmaskFunctionName: "getFragmentData" } },
      config: {
        enumsAsTypes: true,
        // Each scalar of the schema must be named here.
        strictScalars: true,
        scalars: {
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
        },
      },
    },
  },
};

export default config;
