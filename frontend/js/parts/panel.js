// Side panel: a record beside its list; j/k walk the list, the address keeps what is open.
import { isModified, isPhone, isTyping, ownPath } from "./screen.js";

let current = null; // the component of the one panel
const rowsOf = () => [...document.querySelectorAll("[data-open]:not(.panel [data-open], .palette [data-open])")].filter((row) => row.offsetParent);

/** Opens a record's path in the panel; on the phone it is a page. */
export function openPanel(path, row = null) {
  if (!ownPath(path)) return;
  if (isPhone() || !current) location.assign(path);
  else current.show(path, row);
}

function remember(path) {
  const url = new URL(location.href);
  if (path) url.searchParams.set("open", path);
  else url.searchParams.delete("open");
  history.replaceState(history.state, "", url);
}

export function panel() {
  return {
    path: "",
    init() {
      current = this;
      this.body = this.$el.querySelector("#panel-body");
      document.addEventListener("click", (event) => this.onClick(event));
      document.addEventListener("keydown", (event) => this.onKey(event));
      document.addEventListener("htmx:afterSettle", (event) => event.detail.target?.id !== "panel-body" && this.path && this.mark());
      const wanted = ownPath(new URLSearchParams(location.search).get("open"));
      if (this.body.childElementCount) this.reveal();
      else if (wanted && !isPhone()) this.show(wanted, null, false);
    },
    onClick(event) {
      if (isModified(event) || isPhone() || event.defaultPrevented) return;
      const holder = event.target.closest("[data-open]");
      if (!holder || holder.closest(".palette")) return;
      const link = event.target.closest("a");
      if (link && ownPath(link.getAttribute("href")) !== holder.dataset.open) return;
      if (!link && event.target.closest("button, input, label, select, textarea, summary, details, form, td[data-edit], dialog")) return;
      if (!link && String(getSelection())) return;
      event.preventDefault();
      this.show(holder.dataset.open, holder);
    },
    reveal() {
      this.$el.hidden = false;
      document.querySelector(".frame")?.classList.add("has-panel");
    },
    async show(path, row = null, focus = true) {
      if (this.$el.hidden) this.opener = document.activeElement;
      this.path = path;
      this.reveal();
      this.mark(row);
      remember(path);
      this.$el.querySelector("[data-panel-page]").href = path;
      await window.htmx.ajax("GET", path, { source: this.body, target: this.body, swap: "innerHTML show:none" });
      this.body.scrollTop = 0;
      if (focus) this.body.focus({ preventScroll: true });
    },
    /** Marks the open row and says where it stands among all that match. */
    mark(row = null) {
      const rows = rowsOf();
      const here = row ?? rows.find((one) => one.dataset.open === this.path);
      for (const one of document.querySelectorAll(".is-open[data-open]")) one.classList.remove("is-open");
      const where = this.$el.querySelector("[data-panel-where]");
      if (!here) {
        where.textContent = "";
        return;
      }
      here.classList.add("is-open");
      here.scrollIntoView({ block: "nearest" });
      const holder = here.closest("[data-total]");
      const place = rows.indexOf(here) + 1 + Number(holder?.dataset.offset ?? 0);
      where.textContent = `${holder?.dataset.label ?? ""} ${place} / ${holder?.dataset.total ?? rows.length}`.trim();
    },
    step(by) {
      const rows = rowsOf();
      const now = rows.findIndex((row) => row.dataset.open === this.path);
      const row = rows[now + by];
      if (row) this.show(row.dataset.open, row, false);
    },
    next() {
      this.step(1);
    },
    previous() {
      this.step(-1);
    },
    close() {
      this.$el.hidden = true;
      this.path = "";
      this.body.replaceChildren();
      document.querySelector(".frame")?.classList.remove("has-panel");
      const row = document.querySelector(".is-open[data-open]");
      row?.classList.remove("is-open");
      remember("");
      if (row?.matches("tr")) row.focus();
      else (row?.querySelector("a") ?? this.opener)?.focus?.();
    },
    onKey(event) {
      if (this.$el.hidden || isTyping(event.target) || document.querySelector("dialog[open], .menu[open]")) return;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "Escape") this.close();
      else if (event.key === "j") this.next();
      else if (event.key === "k") this.previous();
      else return;
      event.preventDefault();
      event.stopImmediatePropagation();
    },
  };
}
