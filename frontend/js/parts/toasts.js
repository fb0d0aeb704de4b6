// Undo toasts: eight seconds, longer while pointed at or focused; Ctrl/⌘ Z undoes the newest.
import { isTyping } from "./screen.js";

const LIFE = 8000;

/** Adds a toast from data: {text, undo, tone, link}; with a link the words lead there. */
export function showToast({ text, undo = "", tone = "", link = "" }) {
  const box = document.getElementById("toasts");
  const model = document.getElementById("toast-template")?.content.firstElementChild;
  if (!box || !model || !text) return;
  const toast = model.cloneNode(true);
  const said = toast.querySelector(".toast-text");
  if (link.startsWith("/")) {
    const way = document.createElement("a");
    way.href = link;
    way.textContent = text;
    said.replaceChildren(way);
  } else said.textContent = text;
  toast.classList.toggle("toast-red", tone === "red");
  const form = toast.querySelector("form");
  if (undo) {
    form.setAttribute("action", undo);
    form.setAttribute("hx-post", undo);
  } else form?.remove();
  box.append(toast);
  window.htmx.process(toast);
}

function live(toast) {
  let left = LIFE;
  let since = 0;
  let timer = 0;
  const remove = () => toast.remove();
  const run = () => {
    since = Date.now();
    timer = setTimeout(remove, left);
  };
  const pause = () => {
    clearTimeout(timer);
    left = Math.max(2000, left - (Date.now() - since));
  };
  const resume = () => {
    if (!toast.matches(":hover, :focus-within")) run();
  };
  toast.addEventListener("pointerenter", pause);
  toast.addEventListener("focusin", pause);
  toast.addEventListener("pointerleave", resume);
  toast.addEventListener("focusout", () => setTimeout(resume));
  toast.querySelector(".toast-close")?.addEventListener("click", remove);
  toast.addEventListener("htmx:afterRequest", (event) => event.detail.successful && remove());
  run();
}

export function toasts() {
  return {
    init() {
      const box = this.$el;
      box.querySelectorAll("[data-toast]").forEach(live);
      new MutationObserver((changes) => {
        for (const change of changes) {
          for (const node of change.addedNodes) if (node.matches?.("[data-toast]")) live(node);
        }
      }).observe(box, { childList: true });
      document.addEventListener("toast", (event) => showToast(event.detail));
      document.addEventListener("keydown", (event) => {
        const undo = [...box.querySelectorAll(".toast-undo")].at(-1);
        if (!undo || isTyping() || event.key !== "z" || !(event.ctrlKey || event.metaKey) || event.shiftKey) return;
        event.preventDefault();
        undo.click();
      });
    },
  };
}
