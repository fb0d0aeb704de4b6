// Menus are <details>: they open without script; here they close, place themselves and take arrow keys.
import { isPhone } from "./screen.js";

const items = (box) => [...box.querySelectorAll(".menu-item, input, select, button, a[href]")].filter((one) => one.offsetParent);

/** Puts the box beside its summary on the screen, so that no scrolling ancestor cuts it. */
function place(details, box) {
  box.classList.remove("is-placed");
  box.style.cssText = "";
  if (isPhone()) return;
  const anchor = details.querySelector("summary").getBoundingClientRect();
  const { width, height } = box.getBoundingClientRect();
  const end = box.classList.contains("menu-end");
  const left = Math.min(Math.max(8, end ? anchor.right - width : anchor.left), innerWidth - width - 8);
  const below = anchor.bottom + 4;
  const top = below + height > innerHeight - 8 && anchor.top - height - 4 > 8 ? anchor.top - height - 4 : below;
  box.classList.add("is-placed");
  box.style.left = `${left}px`;
  box.style.top = `${top}px`;
}

/** Narrows a long menu to the items that hold what is typed; a label without items goes too. */
function narrow(box, text) {
  let label = null;
  for (const one of box.querySelectorAll(".menu-label, .menu-item")) {
    const isLabel = one.matches(".menu-label");
    if (isLabel) label = one;
    one.hidden = text !== "" && (isLabel || !one.textContent.toLocaleLowerCase().includes(text));
    if (!isLabel && !one.hidden && label) label.hidden = false;
  }
}

export function menu() {
  return {
    init() {
      const details = this.$el;
      const summary = details.querySelector("summary");
      const box = details.querySelector(".menu-box");
      if (!summary || !box) return;
      const close = (refocus) => {
        if (!details.open) return;
        details.open = false;
        if (refocus) summary.focus();
      };
      const onOutside = (event) => {
        const inside = details.contains(event.target) && !(event.target === details);
        if (!inside) close(false);
      };
      const onScroll = (event) => !box.contains(event.target) && !isPhone() && close(false);
      details.addEventListener("toggle", () => {
        const change = details.open ? "addEventListener" : "removeEventListener";
        document[change]("pointerdown", onOutside, true);
        window[change]("scroll", onScroll, true);
        window[change]("resize", onScroll);
        if (details.open) place(details, box);
        if (details.open && find && !isPhone()) find.focus();
      });
      const find = box.querySelector("[data-menu-find]");
      find?.addEventListener("input", () => narrow(box, find.value.trim().toLocaleLowerCase()));
      find?.addEventListener("keydown", (event) => {
        const first = [...box.querySelectorAll(".menu-item")].find((one) => !one.hidden);
        if (event.key === "Enter") first?.click();
        if (event.key === "ArrowDown") first?.focus();
        if (["Enter", "ArrowDown"].includes(event.key)) event.preventDefault();
      });
      details.addEventListener("click", (event) => {
        if (event.target.closest(".menu-item[href], .menu-item[data-close]")) close(false);
      });
      details.addEventListener("keydown", (event) => {
        if (event.key === "Escape" && details.open) {
          event.stopPropagation();
          close(true);
        }
        if (!["ArrowDown", "ArrowUp"].includes(event.key)) return;
        if (event.target !== summary && event.target.matches("input, select")) return;
        event.preventDefault();
        event.stopPropagation();
        details.open = true;
        const all = items(box);
        const now = all.indexOf(document.activeElement);
        const step = event.key === "ArrowDown" ? 1 : -1;
        all.at(now < 0 ? (step > 0 ? 0 : -1) : (now + step) % all.length)?.focus();
      });
    },
  };
}
