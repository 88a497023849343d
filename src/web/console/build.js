// Builds GraphiQL for the program: `node build.js` writes `dist`. `node build.js --check` builds in memory, writes
// nothing, and ends with 1 if the files in `dist` have other contents. Compressed bytes are not compared: they may
// differ between versions of Node.

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";

import { build } from "esbuild";

import { licences } from "./licences.js";

const root = import.meta.dirname;
const dist = join(root, "dist");

const { outputFiles, metafile } = await build({
  absWorkingDir: root,
  entryPoints: { graphiql: "entry.jsx", worker: "worker.js" },
  outdir: "dist",
  entryNames: "[name]",
  assetNames: "[name]",
  bundle: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  minify: true,
  legalComments: "external",
  define: { "process.env.NODE_ENV": '"production"' },
  loader: { ".graphql": "text", ".ttf": "file" },
  alias: { "prettier/parser-babel": "./json.js", "prettier/plugins/estree": "./json.js" },
  metafile: true,
  write: false,
  logLevel: "warning",
});

const isNotice = ({ path }) => path.endsWith(".LEGAL.txt");
const files = outputFiles.filter((file) => !isNotice(file));
const built = new Map(files.map(({ path, contents }) => [basename(path), Buffer.from(contents)]));
const notices = outputFiles.filter(isNotice).map(({ text }) => text);
built.set("LICENSES.txt", Buffer.from(licences(root, metafile, notices)));

if (process.argv.includes("--check")) {
  const names = readdirSync(dist).filter((name) => name.endsWith(".br"));
  const packed = new Map(names.map((name) => [name, readFileSync(join(dist, name))]));
  const kept = new Map(names.map((name) => [basename(name, ".br"), brotliDecompressSync(packed.get(name))]));
  const differ = [...new Set([...built.keys(), ...kept.keys()])]
    .filter((name) => !built.has(name) || !kept.has(name) || !built.get(name).equals(kept.get(name)))
    .concat(readFileSync(join(dist, "SHA256SUMS"), "utf8") === sums(packed) ? [] : "SHA256SUMS");
  for (const name of differ.sort()) console.error(`dist: ${name} is not what build.js makes`);
  process.exitCode = Math.min(differ.length, 1);
} else {
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 } };
  const packed = new Map([...built].map(([name, bytes]) => [`${name}.br`, brotliCompressSync(bytes, quality)]));
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist);
  for (const [name, bytes] of packed) writeFileSync(join(dist, name), bytes);
  writeFileSync(join(dist, "SHA256SUMS"), sums(packed));
}

/** The lines that `sha256sum --check` reads. */
function sums(files) {
  const digest = (bytes) => createHash("sha256").update(bytes).digest("hex");
  return [...files].map(([name, bytes]) => `${digest(bytes)}  ${name}\n`).sort().join("");
}
