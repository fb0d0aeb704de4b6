// The inbox by keyboard: j/k or arrows walk the notices, Enter opens (it is a link), m marks as read or unread.
import { isTyping } from "./screen.js";

const STEPS = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

export function inbox() {
  return {
    init() {
      const list = this.$el;
      list.addEventListener("keydown", (event) => {
        if (isTyping() || event.ctrlKey || event.metaKey || event.altKey) return;
        const links = [...document.querySelectorAll(".inbox-item .row-main > a")];
        const here = links.indexOf(event.target.closest(".inbox-item")?.querySelector(".row-main > a"));
        if (event.key in STEPS) {
          event.preventDefault();
          links[Math.min(links.length - 1, Math.max(0, here + STEPS[event.key]))]?.focus();
        } else if (event.key === "m" && here >= 0) {
          links[here].closest(".inbox-item").querySelector("form")?.requestSubmit();
        }
      });
    },
  };
}
