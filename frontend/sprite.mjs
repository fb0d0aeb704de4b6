// Turns the list of icon names into one SVG sprite: <use href="…/icons.svg#name">.
import { readFileSync } from "node:fs";

/** Names in the list file: one per line or separated by spaces; # starts a comment. */
function readNames(listFile) {
  const lines = readFileSync(listFile, "utf8").split("\n").map((line) => line.replace(/#.*/, ""));
  return [...new Set(lines.join(" ").split(/\s+/).filter(Boolean))].sort();
}

/** Follows one level of alias, as the icon collection stores renamed icons. */
function bodyOf(collection, name) {
  const alias = collection.aliases?.[name]?.parent;
  return collection.icons[name]?.body ?? collection.icons[alias]?.body;
}

/** Stroke and fill come from the style sheet, so that one rule sets weight and colour everywhere. */
function bare(body) {
  return body
    .replace(/ (stroke|stroke-width|stroke-linecap|stroke-linejoin)="[^"]*"/g, "")
    .replace(/ fill="none"/g, "");
}

/** Reads names and collection; throws with every unknown name at once. */
export function buildSprite(listFile, collectionFile) {
  const collection = JSON.parse(readFileSync(collectionFile, "utf8"));
  const names = readNames(listFile);
  const unknown = names.filter((name) => !bodyOf(collection, name));
  if (unknown.length) throw new Error(`icons.txt names icons that do not exist: ${unknown.join(", ")}`);
  const symbols = names.map((name) => `<symbol id="${name}" viewBox="0 0 24 24">${bare(bodyOf(collection, name))}</symbol>`);
  return { count: names.length, svg: `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>` };
}
