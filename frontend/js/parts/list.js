// Lists: rows by keyboard, selection with ranges, the bulk bar in place of the header.
import { openPanel } from "./panel.js";
import { isTyping } from "./screen.js";
import { announce, word } from "./words.js";

export function list() {
  return {
    last: null,
    init() {
      const card = this.$el;
      card.addEventListener("keydown", (event) => this.onKey(event));
      this.onPage = (event) => this.fromPage(event);
      document.addEventListener("keydown", this.onPage);
      card.addEventListener("click", (event) => this.onCheck(event));
      card.addEventListener("change", () => this.refresh());
      card.addEventListener("htmx:afterSettle", () => this.refresh());
      this.refresh();
    },
    destroy() {
      document.removeEventListener("keydown", this.onPage);
    },
    /** j, k and the arrows find the list from anywhere on the page where nothing else has the focus. */
    fromPage(event) {
      const idle = document.activeElement === document.body || document.activeElement?.id === "main";
      if (!idle || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (!["j", "k", "ArrowDown", "ArrowUp"].includes(event.key) || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      this.focusRow(this.rows()[0]);
    },
    rows() {
      return [...this.$el.querySelectorAll("tbody tr[data-record]")];
    },
    boxes() {
      return [...this.$el.querySelectorAll("tbody .col-check .check")];
    },
    /** Brings row classes, the bulk bar and the box of the header in line with what is ticked. */
    refresh() {
      const rows = this.rows();
      rows.forEach((row, index) => row.hasAttribute("tabindex") || (row.tabIndex = index === 0 ? 0 : -1));
      const boxes = this.boxes();
      for (const box of boxes) box.closest("tr").classList.toggle("is-selected", box.checked);
      const ticked = boxes.filter((box) => box.checked).length;
      const all = this.$el.querySelector("[data-check-all]");
      if (all) {
        all.checked = ticked > 0 && ticked === boxes.length;
        all.indeterminate = ticked > 0 && ticked < boxes.length;
      }
      const bar = this.$el.querySelector(".bulk-bar");
      if (!bar) return;
      const changed = bar.hidden === ticked > 0;
      bar.hidden = ticked === 0;
      const said = word("selected", { count: ticked });
      for (const place of bar.querySelectorAll("[data-selected-count]")) place.textContent = said;
      if (ticked || changed) announce(ticked ? said : "");
    },
    onCheck(event) {
      if (event.target.closest("[data-clear-selection]")) this.clear();
      const box = event.target.closest(".check");
      if (!box) return;
      if (box.hasAttribute("data-check-all")) {
        for (const one of this.boxes()) one.checked = box.checked;
      } else if (box.closest("tbody")) {
        const boxes = this.boxes();
        if (event.shiftKey && this.last?.isConnected) {
          const [from, to] = [boxes.indexOf(this.last), boxes.indexOf(box)].sort((a, b) => a - b);
          for (const one of boxes.slice(from, to + 1)) one.checked = box.checked;
        }
        this.last = box;
      }
      this.refresh();
    },
    clear() {
      for (const box of this.boxes()) box.checked = false;
      this.refresh();
    },
    focusRow(row) {
      if (!row) return;
      for (const other of this.rows()) other.tabIndex = -1;
      row.tabIndex = 0;
      row.focus();
      row.scrollIntoView({ block: "nearest" });
    },
    onKey(event) {
      if (isTyping(event.target)) return;
      const row = event.target.closest("tr[data-record]");
      const rows = this.rows();
      const now = rows.indexOf(row);
      const steps = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };
      if (event.key in steps && !event.target.closest(".menu")) {
        event.preventDefault();
        this.focusRow(rows[Math.min(Math.max(now + steps[event.key], 0), rows.length - 1)]);
      } else if (event.key === "Escape" && this.boxes().some((box) => box.checked)) {
        event.stopPropagation();
        this.clear();
      } else if (row && event.target === row) this.onRowKey(event, row);
    },
    onRowKey(event, row) {
      const path = row.dataset.open;
      if (event.key === "Enter" && path) {
        event.preventDefault();
        if (event.ctrlKey || event.metaKey) location.assign(path);
        else openPanel(path, row);
      } else if (event.key === " " || event.key === "x") {
        const box = row.querySelector(".col-check .check");
        if (!box) return;
        event.preventDefault();
        box.checked = !box.checked;
        this.last = box;
        this.refresh();
      }
    },
  };
}
