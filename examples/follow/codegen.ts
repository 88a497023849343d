import type { CodegenConfig } from "@graphql-codegen/cli";
import { scalars } from "../../docs/codegen/codegen.ts";

const config: CodegenConfig = {
  schema: "../../schema.graphql",
  documents: "follow.graphql",
  generates: {
    "generated.ts": {
      plugins: ["typescript-operations"],
      config: { scalars, strictScalars: true, defaultScalarType: "unknown" },
    },
  },
};

export default config;
