// Keys that work everywhere: / palette, c new, g and a figure, ? help, Escape.
import { isTyping } from "./screen.js";

let afterG = 0;

function goTo(figure) {
  const link = document.querySelectorAll(".side-item")[figure - 1];
  if (link) location.assign(link.href);
}

export function startKeys() {
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      document.dispatchEvent(new CustomEvent("open-palette"));
      return;
    }
    if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (Date.now() - afterG < 1200 && /^[1-9]$/.test(event.key)) {
      afterG = 0;
      goTo(Number(event.key));
    } else if (event.key === "g") afterG = Date.now();
    else if (event.key === "/") {
      event.preventDefault();
      document.dispatchEvent(new CustomEvent("open-palette"));
    } else if (event.key === "?") document.dispatchEvent(new CustomEvent("show-keys"));
    else if (event.key === "c") {
      const details = document.querySelector("[data-quick-create]");
      if (!details) return;
      event.preventDefault();
      details.open = true;
      details.querySelector(".menu-item")?.focus();
    }
  });
}
