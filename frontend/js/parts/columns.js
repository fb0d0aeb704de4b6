// Widths of columns: the edge of a header is dragged or moved by arrow keys; the address keeps them.
const STEP = 16;
const NARROWEST = 48;

const headers = (table) => [...table.querySelectorAll("thead th[data-col]")];
const widthOf = (cell) => Math.round(cell.getBoundingClientRect().width);

/** Gives every column its present width, so that changing one leaves the others alone. */
function fix(table) {
  const widths = headers(table).map(widthOf);
  const check = table.querySelector("thead .col-check");
  if (!table.classList.contains("table-fixed")) {
    const group = document.createElement("colgroup");
    if (check) group.append(Object.assign(document.createElement("col"), { style: `width:${widthOf(check)}px` }));
    for (const width of widths) group.append(Object.assign(document.createElement("col"), { style: `width:${width}px` }));
    table.prepend(group);
    table.classList.add("table-fixed");
  }
  return [...table.querySelectorAll("colgroup > col")].slice(check ? 1 : 0);
}

function set(table, index, width) {
  const cols = fix(table);
  cols[index].style.width = `${Math.max(NARROWEST, Math.round(width))}px`;
  const check = table.querySelector("thead .col-check") ? 42 : 0;
  const total = cols.reduce((sum, col) => sum + parseInt(col.style.width, 10), check);
  table.style.width = `${total}px`;
}

/** Asks for the list anew under its widths: the address says them, and the view shows that it is changed. */
function keep(table) {
  const cols = fix(table);
  const said = headers(table).map((cell, index) => `${cell.dataset.col}:${parseInt(cols[index].style.width, 10)}`);
  const url = new URL(location.href);
  url.searchParams.set("widths", said.join(","));
  window.htmx.ajax("GET", `${url.pathname}${url.search}`, { source: document.getElementById("list"), target: "#list", swap: "outerHTML" });
}

function say(grip) {
  grip.setAttribute("aria-valuenow", widthOf(grip.closest("th")));
}

let waiting = 0;

function onKey(event, grip) {
  const by = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
  if (!by) return;
  event.preventDefault();
  event.stopPropagation();
  const cell = grip.closest("th");
  const table = cell.closest("table");
  set(table, headers(table).indexOf(cell), widthOf(cell) + by);
  say(grip);
  clearTimeout(waiting);
  waiting = setTimeout(() => keep(table), 600);
}

function onDrag(event, grip) {
  event.preventDefault();
  const cell = grip.closest("th");
  const table = cell.closest("table");
  const index = headers(table).indexOf(cell);
  const start = event.clientX;
  const before = widthOf(cell);
  grip.classList.add("is-dragging");
  grip.setPointerCapture(event.pointerId);
  const move = (now) => set(table, index, before + now.clientX - start);
  const end = () => {
    grip.removeEventListener("pointermove", move);
    grip.classList.remove("is-dragging");
    say(grip);
    if (widthOf(cell) !== before) keep(table);
  };
  grip.addEventListener("pointermove", move);
  grip.addEventListener("lostpointercapture", end, { once: true });
}

/** Listens for the whole page: tables come and go with every swap. */
export function startColumns() {
  const gripOf = (event) => event.target.closest?.(".col-grip");
  document.addEventListener("pointerdown", (event) => gripOf(event) && event.button === 0 && onDrag(event, gripOf(event)));
  document.addEventListener("keydown", (event) => gripOf(event) && onKey(event, gripOf(event)), true);
  document.addEventListener("focusin", (event) => gripOf(event) && say(gripOf(event)));
}
