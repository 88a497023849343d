// The GraphiQL page loads each file by its hash. This test compares the hashes with the npm packages, whose integrity
// npm checks itself.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const page = readFileSync(new URL("../../src/http/graphiql.html", import.meta.url), "utf8");
const named = /(?:src|href)="https:\/\/cdn\.jsdelivr\.net\/npm\/([^@"]+@[^/"]+)\/([^"]+)"\s+integrity="([^"]+)"/g;

test("each file of the GraphiQL page equals that of its npm package", () => {
  const files = [...page.matchAll(named)].map(([, version, path, integrity]) => ({ version, path, integrity }));
  assert.equal(files.length, 4);
  const folder = mkdtempSync(join(tmpdir(), "graphiql-"));
  try {
    for (const { version, path, integrity } of files) {
      const packed = JSON.parse(execFileSync("npm", ["pack", "--json", version], { cwd: folder, encoding: "utf8" }));
      const file = execFileSync("tar", ["-xzOf", packed[0].filename, `package/${path}`], {
        cwd: folder,
        maxBuffer: 1 << 26,
      });
      const hash = createHash("sha384").update(file).digest("base64");
      assert.equal(integrity, `sha384-${hash}`, `${version}/${path}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
