import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  schema: "../../schema.graphql",
  documents: "follow.graphql",
  generates: {
    "generated.ts": {
      plugins: ["typescript-operations"],
      config: {
        defaultScalarType: "unknown",
        scalars: { Cursor: "string", DateTime: "string", Sequence: "number", URL: "string" },
      },
    },
  },
};

export default config;
