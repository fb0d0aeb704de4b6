// Editable grids: arrows, Enter, Esc, and blocks pasted from a spreadsheet.
import { announce, word } from "./words.js";

const FEW = 20; // so many lines a phone shows unfolded
const QUIET = 600; // milliseconds after the last change before a grid with data-autosave is sent

/** What a spreadsheet puts into a number cell, as plain digits. */
function plainNumber(text) {
  return text
    .normalize("NFKC")
    .replace(/[\s,¥￥]/g, "")
    .replace(/^\((.*)\)$/, "-$1")
    .replace(/−/g, "-");
}

/** A copied block: rows and columns of text; a trailing line break is not a row. */
const parseBlock = (text) => text.replace(/\r/g, "").replace(/\n$/, "").split("\n").map((line) => line.split("\t"));

export function grid() {
  return {
    timer: 0,
    init() {
      const form = this.$el;
      for (const input of this.inputs()) input.defaultValue = input.value;
      form.addEventListener("keydown", (event) => this.onKey(event));
      form.addEventListener("focusin", (event) => event.target.matches(".cell-input") && event.target.select());
      form.addEventListener("paste", (event) => this.onPaste(event));
      form.addEventListener("input", (event) => event.target.matches(".cell-input") && this.changed(event.target));
      form.addEventListener("click", (event) => this.onFold(event));
      if (matchMedia("(width <= 767px)").matches) this.foldMany();
      window.addEventListener("beforeunload", (event) => {
        if (form.isConnected && !form.dataset.autosave && form.querySelector(".is-changed")) event.preventDefault();
      });
      form.addEventListener("submit", () => form.querySelectorAll(".is-changed").forEach((cell) => cell.classList.remove("is-changed")));
    },
    inputs() {
      return [...this.$el.querySelectorAll(".cell-input")];
    },
    changed(input) {
      input.closest("td").classList.toggle("is-changed", input.value !== input.defaultValue);
      if (!("autosave" in this.$el.dataset)) return;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.$el.requestSubmit(), QUIET);
    },
    /** The input so many rows and columns away; locked and folded cells are stepped over. */
    near(input, down, right) {
      const cell = input.closest("td");
      const rows = [...cell.closest("tbody").rows].filter((row) => row.offsetParent);
      let row = rows.indexOf(cell.parentElement);
      let column = cell.cellIndex;
      for (;;) {
        row += down;
        column += right;
        const there = rows[row]?.cells[column];
        if (!there) return null;
        const found = there.querySelector(".cell-input");
        if (found) return found;
      }
    },
    onKey(event) {
      const input = event.target.closest(".cell-input");
      if (!input || event.isComposing) return;
      const whole = input.selectionEnd - input.selectionStart === input.value.length;
      const moves = {
        ArrowUp: [-1, 0],
        ArrowDown: [1, 0],
        Enter: [event.shiftKey ? -1 : 1, 0],
        ...(whole || !input.value ? { ArrowLeft: [0, -1], ArrowRight: [0, 1] } : {}),
      };
      if (event.key === "Escape") {
        input.value = input.defaultValue;
        this.changed(input);
        input.select();
      } else if (event.key in moves) {
        event.preventDefault();
        this.near(input, ...moves[event.key])?.focus();
      }
    },
    onPaste(event) {
      const input = event.target.closest(".cell-input");
      const text = event.clipboardData?.getData("text/plain") ?? "";
      if (!input || !/[\t\n]/.test(text.replace(/\n$/, ""))) return;
      event.preventDefault();
      const cell = input.closest("td");
      const rows = [...cell.closest("tbody").rows].filter((row) => row.offsetParent);
      const [top, left] = [rows.indexOf(cell.parentElement), cell.cellIndex];
      let filled = 0;
      let skipped = 0;
      parseBlock(text).forEach((line, down) =>
        line.forEach((value, right) => {
          const target = rows[top + down]?.cells[left + right]?.querySelector(".cell-input");
          if (!target || target.readOnly) {
            skipped += 1;
            return;
          }
          target.value = "text" in target.dataset ? value.trim() : plainNumber(value);
          this.changed(target);
          filled += 1;
        }),
      );
      input.dispatchEvent(new Event("input", { bubbles: true }));
      announce(word("pasted", { filled, skipped }));
    },
    /** On a phone a company begins with its teams, its people one touch away. */
    foldMany() {
      if (this.$el.querySelectorAll("tbody tr").length <= FEW) return;
      for (const button of this.$el.querySelectorAll('.grid-fold[aria-expanded="true"]')) button.click();
    },
    /** Folding hides the rows below a parent until the next of its level. */
    onFold(event) {
      const button = event.target.closest(".grid-fold");
      if (!button) return;
      event.preventDefault();
      const open = button.getAttribute("aria-expanded") === "true";
      button.setAttribute("aria-expanded", String(!open));
      const parent = button.closest("tr");
      const level = Number(parent.dataset.level);
      for (let row = parent.nextElementSibling; row && Number(row.dataset.level) > level; row = row.nextElementSibling) {
        row.hidden = open;
        if (!open) row.querySelector(".grid-fold")?.setAttribute("aria-expanded", "true");
      }
    },
  };
}
