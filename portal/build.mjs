// SPDX-License-Identifier: Apache-2.0
// build.mjs OUT: bundle src/ into the folder OUT, as the server will hand it out.
import { build } from "esbuild";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

const out = process.argv[2];
if (!out) throw new Error("usage: build.mjs OUT");
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const result = await build({
  entryPoints: [{ in: "src/main.tsx", out: "main" }, { in: "src/style.css", out: "style" }],
  bundle: true,
  minify: true,
  format: "esm",
  splitting: true,
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  alias: { "~": "./src" },
  outdir: join(out, "assets"),
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
});

const outputs = Object.entries(result.metafile.outputs);
const made = (entry) => {
  const found = outputs.find(([, output]) => output.entryPoint === entry);
  if (!found) throw new Error(`esbuild made nothing of ${entry}`);
  return `/assets/${basename(found[0])}`;
};
const page = readFileSync("src/index.html", "utf8")
  .replace("/style.css", made("src/style.css"))
  .replace("/main.js", made("src/main.tsx"));
writeFileSync(join(out, "index.html"), page);
writeFileSync(join(out, "icon.svg"), readFileSync("src/icon.svg"));
