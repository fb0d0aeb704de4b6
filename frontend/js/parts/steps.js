// A form in steps on the phone: one part at a time with its place among them; on a desk all parts stand together.
import { announce } from "./words.js";

export function steps() {
  return {
    at: 1,
    init() {
      this.bar = this.$el.querySelector("[data-steps]");
      this.last = Number(this.bar.dataset.steps);
      const wrong = this.$el.querySelector(".has-error")?.closest("[data-step]");
      this.at = Number(wrong?.dataset.step ?? this.bar.dataset.at ?? 1);
      this.$el.classList.add("is-stepped");
      this.$el.addEventListener("click", (event) => this.onClick(event));
      this.$el.addEventListener("htmx:afterSettle", () => this.show());
      this.$el.addEventListener("keydown", (event) => this.onKey(event));
      this.show();
    },
    /** Enter goes on instead of sending half a form, where only one part is in sight. */
    onKey(event) {
      const one = event.target.matches("input") && event.key === "Enter" && this.bar.offsetParent;
      if (!one || event.isComposing || this.at === this.last) return;
      event.preventDefault();
      event.target.dispatchEvent(new Event("change", { bubbles: true }));
      this.go(this.at + 1);
    },
    onClick(event) {
      const button = event.target.closest("[data-go], [data-to]");
      if (button) this.go(Number(button.dataset.to ?? this.at + Number(button.dataset.go)));
    },
    go(place) {
      this.at = Math.min(Math.max(place, 1), this.last);
      this.show();
      const part = this.$el.querySelector(`[data-step="${this.at}"]`);
      part.querySelector("input, select, textarea")?.focus({ preventScroll: true });
      window.scrollTo({ top: 0 });
      announce(`${this.at} / ${this.last}`);
    },
    show() {
      for (const part of this.$el.querySelectorAll("[data-step]")) {
        part.classList.toggle("is-current", Number(part.dataset.step) === this.at);
      }
      for (const dot of this.bar.querySelectorAll("[data-dot]")) {
        const place = Number(dot.dataset.dot);
        dot.classList.toggle("is-done", place < this.at);
        if (place === this.at) dot.setAttribute("aria-current", "step");
        else dot.removeAttribute("aria-current");
      }
      this.bar.querySelector("[data-place]").textContent = `${this.at} / ${this.last}`;
      const [back, next] = this.bar.querySelectorAll("[data-go]");
      back.disabled = this.at === 1;
      next.hidden = this.at === this.last;
    },
  };
}
