// Loads charts, boards and type-ahead when a page, or a part that arrives later, contains one.
const root = document.documentElement;
const loading = {};

function load(name) {
  loading[name] ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = root.dataset[`load${name[0].toUpperCase()}${name.slice(1)}`];
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });
  return loading[name];
}

const KINDS = { charts: "[data-chart]", board: "[data-board], [data-sorted]", select: "select[data-select]" };

async function wake(part) {
  for (const [name, selector] of Object.entries(KINDS)) {
    const found = [...part.querySelectorAll(selector)];
    if (part.matches?.(selector)) found.push(part);
    if (!found.length) continue;
    await load(name);
    for (const element of found) window.xiaoguan[name](element);
  }
}

/** Looks once now and again at every part that HTMX brings. */
export function startLazy() {
  window.xiaoguan ??= {};
  const start = () => wake(document);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
  document.addEventListener("htmx:load", (event) => event.detail.elt !== document.body && wake(event.detail.elt));
}
