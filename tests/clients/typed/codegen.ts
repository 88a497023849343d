import type { CodegenConfig } from "@graphql-codegen/cli";
import { config as published } from "../../../docs/codegen/codegen.ts";

const config: CodegenConfig = {
  ...published,
  schema: "../../schema.graphql",
  documents: "typed/*.ts",
  generates: { "typed/__generated__/": Object.values(published.generates)[0]! },
};

export default config;
