// Small duties of the frame itself.
import { isMac } from "./screen.js";

/** Keys are written as the machine calls them. */
function nameKeys(part) {
  for (const key of part.querySelectorAll("[data-mod-key]")) {
    const name = key.dataset.modKey === "Enter" && isMac ? "↵" : key.dataset.modKey;
    key.textContent = isMac ? `⌘${name}` : `Ctrl ${name}`;
  }
}

/** A frozen column throws a line only while something has slid below it. */
function watchScroll(event) {
  if (event.target.classList?.contains("table-wrap")) event.target.classList.toggle("is-scrolled", event.target.scrollLeft > 0);
}

/** What scrolls must be reachable without a mouse. */
function reach(part) {
  for (const wrap of part.querySelectorAll(".table-wrap:not([tabindex])")) {
    if (wrap.scrollWidth > wrap.clientWidth || wrap.scrollHeight > wrap.clientHeight) wrap.tabIndex = 0;
  }
}

/** Names keys, watches tables; also for parts that arrive later. */
export function startFrame() {
  const ready = (part) => {
    nameKeys(part);
    reach(part);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => ready(document));
  else ready(document);
  document.addEventListener("htmx:load", (event) => ready(event.detail.elt));
  document.addEventListener("click", (event) => event.target.closest("[data-print]") && window.print());
  document.addEventListener("scroll", watchScroll, { capture: true, passive: true });
}

/** A chart's card: the icon turns the drawing into the table of the same data and back. */
export function chartcard() {
  return {
    flip(event) {
      const button = event.currentTarget;
      const shown = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(shown));
      this.$root.querySelector(".chart-box").hidden = shown;
      this.$root.querySelector(".chart-table").classList.toggle("visually-hidden", !shown);
    },
  };
}
