// Inline edit: the cell becomes the field's own little form; Enter saves and goes down, Esc restores, Tab goes on.
import { isPhone } from "./screen.js";
import { word } from "./words.js";

const before = new WeakMap(); // cell -> its nodes before editing

function restore(cell) {
  const nodes = before.get(cell);
  if (!nodes) return;
  const refused = cell.querySelector("form.inline-edit")?.dataset.again;
  cell.replaceChildren(...nodes);
  finish(cell);
  // What was refused may have been changed by somebody else: the list is asked for anew.
  if (refused) document.body.dispatchEvent(new Event("records-changed"));
}

function finish(cell) {
  before.delete(cell);
  cell.classList.remove("is-editing");
  cell.style.minWidth = "";
  if (cell.contains(document.activeElement) || document.activeElement === document.body) cell.focus({ preventScroll: true });
}

/** The keys are told once per cell, below the field. */
function addHint(form) {
  if (form.querySelector(".hint, .field-error")) return;
  const hint = document.createElement("span");
  hint.className = "hint";
  hint.setAttribute("aria-hidden", "true");
  for (const part of word("editKeys").split("|")) hint.append(Object.assign(document.createElement("b"), { textContent: part }));
  form.append(hint);
}

async function edit(cell) {
  if (before.has(cell)) return;
  before.set(cell, [...cell.childNodes].map((node) => node.cloneNode(true)));
  cell.style.minWidth = `${cell.offsetWidth}px`;
  cell.setAttribute("hx-push-url", "false"); // the list around it pushes its addresses; a cell has none
  await window.htmx.ajax("GET", cell.dataset.edit, { source: cell, target: cell, swap: "innerHTML" });
  settle(cell);
}

/** After each answer: a form means editing goes on (perhaps with an error), anything else is the new content. */
function settle(cell) {
  const form = cell.querySelector("form.inline-edit");
  if (!form) {
    finish(cell);
    return;
  }
  cell.classList.add("is-editing");
  const field = form.querySelector("input:not([type=hidden]), select");
  addHint(form);
  if (form.querySelector(".field-error")) field?.setAttribute("aria-invalid", "true");
  field?.focus({ preventScroll: true });
  field?.select?.();
  form.dataset.start ??= field?.value ?? "";
}

async function save(cell) {
  const form = cell.querySelector("form.inline-edit");
  if (!form || form.dataset.saving) return;
  form.dataset.saving = "1";
  const values = Object.fromEntries(new FormData(form));
  const { start } = form.dataset;
  await window.htmx.ajax("POST", form.getAttribute("action"), { source: cell, target: cell, swap: "innerHTML", values });
  delete form.dataset.saving; // still there when the server did not answer: the text is kept
  const again = cell.querySelector("form.inline-edit");
  if (again) {
    again.dataset.start = start;
    again.dataset.again = "1";
  }
  settle(cell);
}

const changed = (form) => (form.querySelector("input:not([type=hidden]), select")?.value ?? "") !== form.dataset.start;

function neighbour(cell, by) {
  const cells = [...cell.closest("table").querySelectorAll("td[data-edit]")].filter((one) => one.offsetParent);
  return cells[cells.indexOf(cell) + by];
}

/** The cell of the same field in the next row. */
function below(cell) {
  const rows = [...cell.closest("table").querySelectorAll("tr[data-record]")];
  const row = cell.closest("tr");
  return rows[rows.indexOf(row) + 1]?.children[[...row.children].indexOf(cell)];
}

/** Ends editing one cell, and begins with another once the first is stored or as it was. */
async function leave(cell, next) {
  if (changed(cell.querySelector("form.inline-edit"))) await save(cell);
  else restore(cell);
  if (next?.isConnected && !cell.querySelector("form.inline-edit")) await edit(next);
}

async function onFieldKey(event, cell) {
  if (event.isComposing) return;
  if (event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    restore(cell);
  } else if (event.key === "Enter") {
    event.preventDefault();
    event.stopPropagation();
    const form = cell.querySelector("form.inline-edit");
    // After a conflict the same text sent again is an answer too: mine stands.
    if (form.dataset.again) await save(cell);
    else await leave(cell, isPhone() ? null : below(cell));
  } else if (event.key === "Tab") {
    event.preventDefault();
    await leave(cell, neighbour(cell, event.shiftKey ? -1 : 1));
  }
}

/** Listens for the whole page: cells come and go with every swap. */
export function startInlineEdit() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-edit-in-place]");
    if (button) {
      const on = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(on));
      document.querySelector(".table-card .table")?.classList.toggle("is-editing-list", on);
      return;
    }
    const cell = isPhone() && event.target.closest(".is-editing-list td[data-edit]");
    if (cell && !event.target.closest("form")) edit(cell);
  });
  document.addEventListener("dblclick", (event) => {
    const cell = event.target.closest("td[data-edit]");
    if (cell && !event.target.closest("a, form")) edit(cell);
  });
  document.addEventListener("keydown", (event) => {
    const inside = event.target.closest?.("form.inline-edit");
    if (inside) onFieldKey(event, inside.closest("td"));
    else if (event.target.matches?.("td[data-edit]") && (event.key === "Enter" || event.key === "F2")) {
      event.preventDefault();
      edit(event.target);
    } else if ((event.key === "F2" || (event.key === "e" && !event.ctrlKey && !event.metaKey)) && event.target.matches?.("tr[data-record]")) {
      event.preventDefault();
      const cell = event.target.querySelector("td[data-edit]");
      if (cell) edit(cell);
    }
  });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest?.("form.inline-edit");
    if (!form) return;
    event.preventDefault();
    save(form.closest("td"));
  });
  document.addEventListener("focusout", (event) => {
    const form = event.target.closest?.("form.inline-edit");
    if (!form || form.contains(event.relatedTarget) || form.dataset.saving) return;
    const cell = form.closest("td");
    setTimeout(() => {
      if (!form.isConnected || form.dataset.saving || form.contains(document.activeElement)) return;
      if (changed(form)) save(cell);
      else restore(cell);
    });
  });
}
