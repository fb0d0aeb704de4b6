// The editor of a payment plan: a share fills its amount, and the foot says whether the lines make the whole.

/** Yuan as typed in fen; null where it is no number. */
function fen(text) {
  const plain = text.normalize("NFKC").replace(/[\s,¥\uFFE5\u5143]/g, "");
  return /^\d+(\.\d{1,2})?$/.test(plain) ? Math.round(Number(plain) * 100) : null;
}

/** A share in per cent as hundred-thousandths; null where it is no number. */
function rate(text) {
  const plain = text.normalize("NFKC").replace(/[\s%]/g, "");
  return /^\d+(\.\d{1,3})?$/.test(plain) ? Math.round(Number(plain) * 1000) : null;
}

const yuan = (value) => (value / 100).toLocaleString("en", { minimumFractionDigits: 2 });

export function plan() {
  return {
    init() {
      this.$el.addEventListener("input", (event) => this.typed(event.target));
      this.check();
    },
    lines() {
      return [...this.$el.querySelectorAll(".plan-line")].map((line) => ({
        rate: line.querySelector("[name$=_rate]"),
        amount: line.querySelector("[name$=_amount]"),
      }));
    },
    /** An amount typed by hand takes the share away; a share works its amount out. */
    typed(input) {
      if (input.name.endsWith("_amount")) input.closest(".plan-line").querySelector("[name$=_rate]").value = "";
      this.check();
    },
    /** The same sums as the server's: shares by largest remainder, so that they make the whole to the fen. */
    check() {
      const total = Number(this.$el.dataset.total);
      const lines = this.lines();
      const shared = lines.filter((line) => rate(line.rate.value));
      const typed = lines.filter((line) => !rate(line.rate.value)).reduce((sum, line) => sum + (fen(line.amount.value) ?? 0), 0);
      const fixed = typed + Number(this.$el.dataset.fixed);
      const rates = shared.map((line) => rate(line.rate.value));
      const sum = rates.reduce((whole, each) => whole + each, 0);
      const asked = Math.round((total * sum) / 100000);
      const whole = Math.abs(total - typed - asked) < rates.length ? total - typed : asked;
      const quotas = rates.map((each) => (whole * each) / sum);
      const parts = quotas.map(Math.floor);
      const order = quotas.map((quota, at) => [parts[at] - quota, at]).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      for (const [, at] of order.slice(0, whole - parts.reduce((all, each) => all + each, 0))) parts[at] += 1;
      shared.forEach((line, at) => (line.amount.value = (parts[at] / 100).toFixed(2)));
      this.say(total - fixed - parts.reduce((all, each) => all + each, 0));
    },
    say(gap) {
      const { equal, short, over } = this.$el.dataset;
      const place = this.$el.querySelector("[data-plan-check]");
      place.textContent = gap === 0 ? equal : (gap > 0 ? short : over).replace("{gap}", yuan(Math.abs(gap)));
      place.classList.toggle("red", gap !== 0);
      place.classList.toggle("green", gap === 0);
    },
  };
}
