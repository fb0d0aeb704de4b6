// Command palette: the server finds records (pinyin and all), the page knows its own commands.
import { isPhone, ownPath } from "./screen.js";
import { openPanel } from "./panel.js";

/** The search box of the top bar hands over to the palette; without script it stays a plain form. */
export function searchbox() {
  return {
    init() {
      const open = () => document.dispatchEvent(new CustomEvent("open-palette"));
      this.$el.addEventListener("click", (event) => {
        event.preventDefault();
        open();
      });
      // Tab only passes by: a page that opens something because it got the focus takes the keyboard user elsewhere.
      this.$el.addEventListener("keydown", (event) => {
        if (["Tab", "Shift", "Escape"].includes(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
        if (event.key === "Enter") event.preventDefault();
        open(); // what is typed lands in the palette, as the focus is there by then
      });
    },
  };
}

export function palette() {
  return {
    timer: 0,
    asked: null,
    hand: "",
    init() {
      const dialog = this.$el;
      this.input = dialog.querySelector("input");
      this.found = dialog.querySelector("[data-palette-found]");
      this.commands = [...dialog.querySelectorAll("[data-palette-commands]")];
      this.none = dialog.querySelector("[data-palette-none]");
      document.addEventListener("open-palette", () => this.open());
      this.input.addEventListener("input", () => this.ask());
      this.input.addEventListener("keydown", (event) => this.onKey(event));
      dialog.addEventListener("pointermove", (event) => this.point(event.target.closest?.(".palette-item")));
      dialog.addEventListener("pointerdown", (event) => event.target === dialog && dialog.close());
      dialog.addEventListener("close", () => (this.input.value = ""));
    },
    open() {
      if (this.$el.open) return;
      this.$el.showModal();
      this.filter();
      this.input.focus();
      this.search(); // favourites and what was looked at last stand there before anything is typed
    },
    items() {
      return [...this.$el.querySelectorAll(".palette-item")].filter((item) => !item.hidden && item.offsetParent);
    },
    point(item) {
      if (!item) return;
      for (const other of this.$el.querySelectorAll('[aria-selected="true"]')) other.removeAttribute("aria-selected");
      item.id ||= `found-${this.items().indexOf(item)}`;
      item.setAttribute("aria-selected", "true");
      this.input.setAttribute("aria-activedescendant", item.id);
    },
    ask() {
      clearTimeout(this.timer);
      this.filter();
      this.timer = setTimeout(() => this.search(), 120);
    },
    /** Commands are matched here, by what they say and by the keys the server may add (pinyin). */
    filter() {
      const raw = this.input.value.trim().toLowerCase();
      const text = raw.replace(/^>\s*/, "");
      for (const group of this.commands) {
        const title = group.querySelector("h3").textContent;
        const items = [...group.querySelectorAll(".palette-item")];
        for (const item of items) {
          const said = `${title} ${item.textContent} ${item.dataset.keys ?? ""}`.toLowerCase();
          item.hidden = Boolean(text) && !said.includes(text);
        }
        group.hidden = items.every((item) => item.hidden);
      }
      if (!text) this.found.innerHTML = this.hand;
      this.settle();
    },
    settle() {
      const items = this.items();
      this.none.hidden = items.length > 0 || !this.input.value.trim();
      if (items.length) this.point(items[0]);
      else this.input.removeAttribute("aria-activedescendant");
    },
    async search() {
      const text = this.input.value.trim();
      const url = this.$el.dataset.url;
      if (!url || text === ">" || text === this.asked) return;
      this.asked = text;
      const answer = await fetch(`${url}?q=${encodeURIComponent(text)}`, { headers: { "HX-Request": "true" } }).catch(() => null);
      this.asked = null;
      if (!answer?.ok || answer.redirected) return;
      const html = await answer.text();
      if (!text) this.hand = html;
      if (this.input.value.trim() !== text) return;
      this.found.innerHTML = html;
      this.settle();
    },
    onKey(event) {
      const items = this.items();
      const now = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        const next = items[(now + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length];
        this.point(next);
        next?.scrollIntoView({ block: "nearest" });
      } else if (event.key === "Enter" && !event.isComposing && items[now]) {
        event.preventDefault();
        const item = items[now];
        const record = ownPath(item.dataset.open);
        if ((event.ctrlKey || event.metaKey) && record && !isPhone()) {
          this.$el.close();
          openPanel(record);
        } else item.click();
      }
    },
  };
}
