// Arranging a dashboard: tiles move by their handle and grow by their corner, with mouse, finger or keys; saved at once.
import { announce } from "./words.js";

const COLUMNS = 12;
const WIDTHS = [3, 4, 6, 8, 12];
const ROW = 150; // about the height of one step, in pixels
const ARROWS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

const nearest = (width) => WIDTHS.reduce((best, each) => (Math.abs(each - width) < Math.abs(best - width) ? each : best));

export function tiles() {
  return {
    init() {
      const grid = this.$el;
      grid.addEventListener("pointerdown", (event) => {
        const tile = event.target.closest("[data-tile]");
        if (event.button !== 0 || !tile) return;
        if (event.target.closest("[data-grip]")) this.drag(event, tile);
        else if (event.target.closest("[data-size]")) this.stretch(event, tile);
      });
      grid.addEventListener("keydown", (event) => this.onKey(event));
    },
    all() {
      return [...this.$el.querySelectorAll("[data-tile]")];
    },
    send(values, focus = "") {
      window.htmx.ajax("POST", this.$el.dataset.layout, { source: this.$el, target: this.$el, swap: "none", values });
      if (focus) document.getElementById(focus)?.focus();
    },
    order() {
      return this.all().map((tile) => tile.dataset.tile).join(",");
    },
    /** Follows the pointer until it is let go; Escape puts everything back. */
    follow(event, onMove, onEnd, onCancel) {
      event.preventDefault();
      const handle = event.target;
      handle.setPointerCapture?.(event.pointerId);
      const end = (kept) => {
        document.removeEventListener("pointermove", onMove);
        document.removeEventListener("pointerup", up);
        document.removeEventListener("pointercancel", cancel);
        document.removeEventListener("keydown", key, true);
        (kept ? onEnd : onCancel)();
      };
      const up = () => end(true);
      const cancel = () => end(false);
      const key = (pressed) => pressed.key === "Escape" && (pressed.stopPropagation(), end(false));
      document.addEventListener("pointermove", onMove);
      document.addEventListener("pointerup", up);
      document.addEventListener("pointercancel", cancel);
      document.addEventListener("keydown", key, true);
    },
    drag(event, tile) {
      const before = this.order();
      const next = tile.nextElementSibling;
      tile.classList.add("is-dragged");
      const move = (at) => {
        const over = document.elementsFromPoint(at.clientX, at.clientY).map((one) => one.closest?.("[data-tile]")).find((one) => one && one !== tile);
        if (!over || over.parentElement !== tile.parentElement) return;
        const box = over.getBoundingClientRect();
        const later = box.width > this.$el.clientWidth * 0.75 ? at.clientY > box.top + box.height / 2 : at.clientX > box.left + box.width / 2;
        over[later ? "after" : "before"](tile);
      };
      const done = () => {
        tile.classList.remove("is-dragged");
        if (this.order() !== before) this.send({ order: this.order() });
      };
      this.follow(event, move, done, () => {
        tile.classList.remove("is-dragged");
        this.$el.insertBefore(tile, next);
      });
    },
    stretch(event, tile) {
      const { width, height } = tile.dataset;
      const box = tile.getBoundingClientRect();
      const column = this.$el.clientWidth / COLUMNS;
      const move = (at) => {
        this.size(tile, nearest((at.clientX - box.left) / column), Math.min(3, Math.max(1, Math.round((at.clientY - box.top) / ROW))));
      };
      const done = () => {
        if (tile.dataset.width !== width || tile.dataset.height !== height) this.sendSize(tile);
      };
      this.follow(event, move, done, () => this.size(tile, Number(width), Number(height)));
    },
    size(tile, width, height) {
      tile.classList.remove(`tile-${tile.dataset.width}`, `tile-tall-${tile.dataset.height}`);
      tile.classList.add(`tile-${width}`, `tile-tall-${height}`);
      tile.dataset.width = String(width);
      tile.dataset.height = String(height);
    },
    sendSize(tile, focus = "") {
      this.send({ tile: tile.dataset.tile, width: tile.dataset.width, height: tile.dataset.height }, focus);
    },
    /** An arrow moves the tile whose handle has the focus, with Shift it changes its size. */
    onKey(event) {
      const grip = event.target.closest("[data-grip]");
      const step = ARROWS[event.key];
      if (!grip || !step || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      const tile = grip.closest("[data-tile]");
      if (event.shiftKey) {
        const sideways = event.key === "ArrowLeft" || event.key === "ArrowRight";
        const at = WIDTHS.indexOf(Number(tile.dataset.width)) + (sideways ? step : 0);
        const width = WIDTHS[Math.min(Math.max(at, 0), WIDTHS.length - 1)];
        const height = Math.min(3, Math.max(1, Number(tile.dataset.height) + (sideways ? 0 : step)));
        this.size(tile, width, height);
        this.sendSize(tile, grip.id);
        announce(`${width} / ${COLUMNS}, ${height}`);
        return;
      }
      const row = this.all();
      const other = row[row.indexOf(tile) + step];
      if (!other) return;
      other[step > 0 ? "after" : "before"](tile);
      this.send({ order: this.order() }, grip.id);
      announce(`${this.all().indexOf(tile) + 1} / ${row.length}`);
    },
  };
}
