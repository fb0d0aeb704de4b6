// Keys that work everywhere: / palette, c new, g and a figure or letter, ? help, Escape.
import { isTyping } from "./screen.js";

let afterG = 0;

function goTo(figure) {
  const link = document.querySelectorAll(".side-item")[figure - 1];
  if (link) location.assign(link.href);
}

/** Gives every item of the navigation a letter of its address, and tells it in the tooltip: g d for /deals/. */
function giveLetters() {
  const taken = new Set();
  for (const link of document.querySelectorAll(".side-item")) {
    const path = link.getAttribute("href");
    const letter = [...(path === "/" ? "home" : path).replace(/[^a-z]/g, "")].find((one) => !taken.has(one));
    if (!letter) continue;
    taken.add(letter);
    link.dataset.letter = letter;
    link.title = `${link.textContent.trim()} (g ${letter})`;
  }
}

/** The button or link of a letter: the side panel's before the page's. */
function keyed(letter) {
  const found = [...document.querySelectorAll(`[data-key="${CSS.escape(letter)}"]`)].filter((one) => one.offsetParent);
  return found.find((one) => one.closest(".panel")) ?? found[0];
}

export function startKeys() {
  giveLetters();
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
    } else if (Date.now() - afterG < 1200 && document.querySelector(`.side-item[data-letter="${CSS.escape(event.key)}"]`)) {
      afterG = 0;
      event.preventDefault();
      event.stopImmediatePropagation();
      location.assign(document.querySelector(`.side-item[data-letter="${CSS.escape(event.key)}"]`).href);
    } else if (event.key === "g") afterG = Date.now();
    else if (keyed(event.key)) {
      event.preventDefault();
      keyed(event.key).click();
    }
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
