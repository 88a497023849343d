// Collects the licences of what is in the bundle.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Packages without a licence file, and a package of the same authors that has it. */
const SAME_AS = {
  "@graphiql/plugin-doc-explorer": "graphiql",
  "@graphiql/plugin-history": "graphiql",
  "react-compiler-runtime": "react",
  "react-remove-scroll-bar": "react-remove-scroll",
};
const FILE = /^(licen[cs]e|notice|thirdpartynotices)/i;
const ICONS = `codicon.ttf is the icon font of Visual Studio Code, (c) Microsoft Corporation, under the Creative Commons
Attribution 4.0 International licence: https://creativecommons.org/licenses/by/4.0/. It comes from
https://github.com/microsoft/vscode-codicons by way of the package monaco-editor, unchanged.`;

/** A text with each licence once, below the packages that have it. `notices` are comments from the code. */
export function licences(root, { outputs }, notices) {
  const paths = Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput ? path : [])),
  );
  const folders = new Set(paths.flatMap((path) => path.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/) ?? []));
  const packages = new Map();
  for (const folder of folders) {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json")));
    const source = SAME_AS[name] ? `node_modules/${SAME_AS[name]}` : folder;
    const text = licenceIn(join(root, source));
    if (text === "") throw new Error(`${name} has no licence file`);
    packages.set(text, [...(packages.get(text) ?? []), `${name} ${version} (${license})`]);
  }
  const sections = [...packages].map(([text, names]) => `${[...new Set(names)].sort().join("\n")}\n\n${text}`).sort();
  return [...sections, ICONS, ...notices.map((notice) => notice.trim())].join(`\n\n${"=".repeat(80)}\n\n`) + "\n";
}

function licenceIn(folder) {
  const names = readdirSync(folder).filter((name) => FILE.test(name)).sort();
  return names.map((name) => readFileSync(join(folder, name), "utf8").replaceAll("\r", "").trim()).join("\n\n");
}
