// A plugin of prettier that formats JSON with comments. GraphiQL prettifies variables and headers with it. It stands for
// the parsers and the printer of JavaScript, which are 0.5 MB.

import { applyEdits, format } from "jsonc-parser";

const options = { insertSpaces: true, tabSize: 2 };

export const parsers = {
  jsonc: {
    astFormat: "jsonc",
    parse: (text) => ({ text: applyEdits(text, format(text, undefined, options)).trim() }),
    locStart: () => 0,
    locEnd: () => 0,
  },
};

export const printers = { jsonc: { print: (path) => path.node.text } };
