// The workers of Monaco in one file. The name of the worker says which one to be. An import that is bundled into the
// same file is done before the first message.
switch (self.name) {
  case "graphql":
    import("monaco-graphql/esm/graphql.worker.js");
    break;
  case "json":
    import("monaco-editor/esm/vs/language/json/json.worker.js");
    break;
  default:
    import("monaco-editor/esm/vs/editor/editor.worker.js");
}
