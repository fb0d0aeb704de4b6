// Builds everything the browser loads into src/xiaoguan/static/dist: `node frontend/build.mjs [--watch]`.
// Run `npm ci --ignore-scripts` once before; no other tool, no network, no global install.
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, watch, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import * as sass from "sass";
import { buildSprite } from "./sprite.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const modules = join(root, "node_modules");
const target = join(root, "src/xiaoguan/static/dist");
// Built beside its place and swapped in at the end: a server running meanwhile never meets half a build.
const out = `${target}.${process.pid}`;

/** Tabler's subset as plain CSS; its variables get the published prefix so that --tblr-* works as documented. */
function compileTabler() {
  const { css } = sass.compile(join(here, "scss/tabler.scss"), {
    loadPaths: [modules],
    quietDeps: true,
    logger: sass.Logger.silent,
  });
  return css.replace(/--(?!tblr-)([a-z])/g, "--tblr-$1");
}

/** Lets `@import "tabler"` in css/app.css mean the compiled subset. */
const tablerPlugin = {
  name: "tabler",
  setup(build) {
    build.onResolve({ filter: /^tabler$/ }, () => ({ path: "tabler.css", namespace: "tabler" }));
    build.onLoad({ filter: /.*/, namespace: "tabler" }, () => ({ contents: compileTabler(), loader: "css" }));
  },
};

const shared = {
  bundle: true,
  minify: true,
  legalComments: "none",
  charset: "utf8",
  logLevel: "warning",
  outdir: out,
  nodePaths: [modules],
  target: ["chrome109", "firefox115", "safari16"],
};

const styles = {
  ...shared,
  entryPoints: [join(here, "css/app.css")],
  plugins: [tablerPlugin],
  assetNames: "[name]",
  loader: { ".woff2": "file", ".svg": "file" },
};

const scripts = {
  ...shared,
  entryPoints: ["theme", "app", "board", "charts", "select", "signin"].map((name) => join(here, `js/${name}.js`)),
  format: "iife",
};

/** Copies what is served as it is: the mark and the browser icon. */
function copyStatics() {
  cpSync(join(here, "mark.svg"), join(out, "mark.svg"));
}

/** The licences of what is bundled, so that the built package carries its notices. */
function writeNotices() {
  const names = Object.keys(JSON.parse(readFileSync(join(root, "package.json"), "utf8")).dependencies);
  const bundled = names.filter((name) => !["esbuild", "sass"].includes(name));
  const parts = bundled.map((name) => {
    const meta = JSON.parse(readFileSync(join(modules, name, "package.json"), "utf8"));
    const file = ["LICENSE", "LICENSE.md", "license", "LICENSE.txt"].find((f) => existsSync(join(modules, name, f)));
    const text = file ? readFileSync(join(modules, name, file), "utf8").trim() : "";
    return `${name} ${meta.version} (${meta.license})\n${text}\n`;
  });
  writeFileSync(join(out, "NOTICES.txt"), parts.join("\n" + "-".repeat(80) + "\n\n"));
}

/** Puts the finished folder in place of the old one. */
function swap() {
  const old = `${out}.old`;
  if (existsSync(target)) renameSync(target, old);
  renameSync(out, target);
  rmSync(old, { recursive: true, force: true });
}

async function buildAll() {
  const started = Date.now();
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const sprite = buildSprite(join(here, "icons.txt"), join(modules, "@iconify-json/tabler/icons.json"));
  writeFileSync(join(out, "icons.svg"), sprite.svg);
  copyStatics();
  writeNotices();
  await Promise.all([esbuild.build(styles), esbuild.build(scripts)]);
  swap();
  const stamp = createHash("sha256").update(readFileSync(join(target, "app.css"))).digest("hex").slice(0, 8);
  console.log(`frontend: ${sprite.count} icons, app.css ${stamp}, ${Date.now() - started} ms`);
}

process.on("exit", () => rmSync(out, { recursive: true, force: true })); // what a failed build left
await buildAll();
if (process.argv.includes("--watch")) {
  let timer;
  watch(here, { recursive: true }, () => {
    clearTimeout(timer);
    timer = setTimeout(() => buildAll().catch((error) => console.error(error.message)), 80);
  });
}
