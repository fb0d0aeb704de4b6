// The splits of a deal's team: while one types, what is left for the owner, and whether there is too much.
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Whether a line holds today; what is over or still to come is no part of today's whole. */
function holds(row, today) {
  const day = (name) => row.querySelector(`[name$="-${name}"]`)?.value ?? "";
  const [start, end] = [day("start"), day("end")];
  const removed = row.querySelector('[name$="-remove"]')?.checked;
  return !removed && !(DAY.test(start) && start > today) && !(DAY.test(end) && end < today);
}

export function splits() {
  return {
    init() {
      this.box = this.$el.querySelector("[data-split-sum]");
      if (!this.box) return;
      this.$el.addEventListener("input", () => this.add());
      this.$el.addEventListener("change", () => this.add());
      this.add();
    },
    add() {
      const today = this.box.dataset.today;
      const rows = [...this.$el.querySelectorAll("tbody tr")].filter((row) => holds(row, today));
      const parts = rows.map((row) => Number.parseFloat(row.querySelector('[name$="-split"]')?.value) || 0).filter((part) => part > 0);
      const sum = Math.round(parts.reduce((total, part) => total + part, 0) * 1000) / 1000;
      const rest = Math.round((100 - sum) * 1000) / 1000;
      this.box.querySelector("[data-split-rest]").textContent = `${Math.max(rest, 0)}%`;
      this.box.querySelector("[data-split-over]").hidden = rest >= 0;
      this.box.classList.toggle("is-over", rest < 0);
      const bar = this.box.querySelector("[data-split-bar]");
      bar.replaceChildren(
        ...[Math.max(rest, 0), ...parts].map((part) => {
          const piece = document.createElement("span");
          piece.style.width = `${(part / Math.max(sum, 100)) * 100}%`;
          return piece;
        }),
      );
    },
  };
}
