// The report: a table by section, and disagreements grouped by probable cause.

import { FIGURES } from "./suite.js";

const LENGTH = 700;

export function cut(text, length = LENGTH) {
  return text.length <= length ? text : `${text.slice(0, length)}… (${text.length} characters)`;
}

/** Figures by section, as lines of text. */
export function table(sections) {
  const columns = ["section", ...FIGURES];
  const rows = [columns];
  const sum = Object.fromEntries(columns.slice(1).map((column) => [column, 0]));
  for (const [section, figures] of Object.entries(sections)) {
    rows.push([section, ...columns.slice(1).map((column) => String(figures[column] ?? 0))]);
    for (const column of columns.slice(1)) sum[column] += figures[column] ?? 0;
  }
  rows.push(["all", ...columns.slice(1).map((column) => String(sum[column]))]);
  const widths = columns.map((_, at) => Math.max(...rows.map((row) => row[at].length)));
  return rows
    .map((row) => row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at]))).join("  "))
    .join("\n");
}

/** One disagreement in full: the document and both answers. */
export function describe({ section, kind, request, oracle, service, id }) {
  const variables = request.variables === undefined ? "" : `\n  variables  ${cut(JSON.stringify(request.variables))}`;
  const name = request.operationName === undefined ? "" : `\n  operation  ${request.operationName}`;
  return `[${section}] ${kind} ${id ?? ""}\n  document   ${cut(request.document.replaceAll("\n", "\n             "), 4000)}${variables}${name}\n  graphql-js ${cut(oracle)}\n  service    ${cut(service)}`;
}

/** Disagreements by cause, each with the smallest document; the most frequent first. */
export function causes(disagreements) {
  const groups = new Map();
  for (const one of disagreements) {
    const key = `${one.kind}: ${blur(one.cause ?? one.oracle)}`;
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(one);
  }
  const sorted = [...groups].sort(([, a], [, b]) => b.length - a.length);
  return sorted
    .map(([key, members]) => {
      const smallest = members.reduce((a, b) => (b.request.document.length < a.request.document.length ? b : a));
      const sections = [...new Set(members.map((one) => one.section))].join(", ");
      return `${members.length} × ${key} (${sections})\n${describe(smallest)}`;
    })
    .join("\n\n");
}

/** A message without the parts that differ from document to document. */
function blur(text) {
  return text
    .replace(/found: .*$/s, "found …")
    .replace(/ at [[.][^:]*:/, ":")
    .replace(/“[^”]*”/g, "“…”")
    .replace(/"(?:[^"\\]|\\.)*"/g, '"…"')
    .replace(/\$\w+/g, "$…")
    .replace(/-?\b\d+(\.\d+)?\b/g, "0")
    .slice(0, 160);
}
