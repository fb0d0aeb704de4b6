// A text field where @ names somebody: whoever may see the record is offered while one types.
const AT = /[@\uff20]([^\s@\uff20]{0,20})$/;

let count = 0;

export function mention() {
  return {
    init() {
      const form = this.$el;
      this.field = form.querySelector("textarea");
      this.list = document.createElement("ul");
      this.list.id = `mention-${(count += 1)}`;
      this.list.className = "menu-box mention-list";
      this.list.setAttribute("role", "listbox");
      this.list.hidden = true;
      this.field.after(this.list);
      this.field.setAttribute("aria-controls", this.list.id);
      this.field.setAttribute("aria-autocomplete", "list");
      this.field.addEventListener("input", () => this.look());
      this.field.addEventListener("keydown", (event) => this.onKey(event));
      this.field.addEventListener("blur", () => setTimeout(() => this.hide(), 150));
      this.list.addEventListener("pointerdown", (event) => {
        const item = event.target.closest("[data-name]");
        if (!item) return;
        event.preventDefault();
        this.choose(item);
      });
    },
    async look() {
      const before = this.field.value.slice(0, this.field.selectionStart);
      const found = AT.exec(before);
      if (!found) return this.hide();
      this.typed = found[1].length;
      const turn = (this.turn = (this.turn ?? 0) + 1);
      await new Promise((ready) => setTimeout(ready, 120));
      if (turn !== this.turn) return undefined;
      const answer = await fetch(`${this.$el.dataset.people}?q=${encodeURIComponent(found[1])}`, { headers: { Accept: "application/json" } }).catch(() => null);
      const people = answer?.ok ? await answer.json() : [];
      if (turn === this.turn) this.show(people.slice(0, 8));
      return undefined;
    },
    show(people) {
      this.list.replaceChildren(
        ...people.map((one, index) => {
          const item = document.createElement("li");
          item.className = "menu-item";
          item.id = `${this.list.id}-${index}`;
          item.setAttribute("role", "option");
          item.dataset.name = one.text;
          item.dataset.person = one.value;
          const note = document.createElement("small");
          note.className = "faint";
          note.textContent = one.note;
          item.append(one.text, note);
          return item;
        }),
      );
      this.list.hidden = people.length === 0;
      this.mark(0);
    },
    mark(place) {
      const items = [...this.list.children];
      if (!items.length) return;
      this.place = (place + items.length) % items.length;
      items.forEach((item, index) => item.setAttribute("aria-selected", String(index === this.place)));
      this.field.setAttribute("aria-activedescendant", items[this.place].id);
      items[this.place].scrollIntoView({ block: "nearest" });
    },
    hide() {
      this.turn = (this.turn ?? 0) + 1;
      this.list.hidden = true;
      this.field.removeAttribute("aria-activedescendant");
    },
    choose(item) {
      const { value, selectionStart: end } = this.field;
      const start = end - this.typed;
      const text = `${item.dataset.name} `;
      this.field.value = value.slice(0, start) + text + value.slice(end);
      this.field.setSelectionRange(start + text.length, start + text.length);
      const meant = document.createElement("input");
      Object.assign(meant, { type: "hidden", name: "mentions", value: item.dataset.person });
      this.$el.append(meant);
      this.hide();
      this.field.focus();
    },
    onKey(event) {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        this.$el.requestSubmit();
        return;
      }
      if (this.list.hidden || event.isComposing) return;
      const steps = { ArrowDown: 1, ArrowUp: -1 };
      if (event.key in steps) this.mark(this.place + steps[event.key]);
      else if (event.key === "Enter" || event.key === "Tab") this.choose(this.list.children[this.place]);
      else if (event.key === "Escape") this.hide();
      else return;
      event.preventDefault();
      event.stopPropagation();
    },
  };
}
