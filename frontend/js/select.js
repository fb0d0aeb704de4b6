// Type-ahead fields: the plain <select> stays the form's value; options come from its address.
import TomSelect from "tom-select/base";
import clearButton from "tom-select/plugins/clear_button/plugin.js";
import removeButton from "tom-select/plugins/remove_button/plugin.js";

TomSelect.define("clear_button", clearButton);
TomSelect.define("remove_button", removeButton);

function line(data, escape) {
  const note = data.note ? `<small>${escape(data.note)}</small>` : "";
  return `<div${data.away ? ' class="faint"' : ""}><span>${escape(data.text)}</span>${note}</div>`;
}

function plugins(select, words) {
  if (select.multiple) return { remove_button: { title: words.remove ?? "" } };
  return select.required ? {} : { clear_button: { title: words.clear ?? "" } };
}

function start(select) {
  if (select.tomselect) return;
  const address = select.dataset.options;
  const words = document.getElementById("words")?.dataset ?? {};
  const chooser = new TomSelect(select, {
    plugins: plugins(select, words),
    valueField: "value",
    labelField: "text",
    searchField: address ? [] : ["text", "note"],
    sortField: address ? [{ field: "$order" }] : [{ field: "$score" }],
    maxOptions: 50,
    loadThrottle: 160,
    preload: address ? "focus" : false,
    hideSelected: false,
    ...(address && {
      score: () => () => 1, // the server knows pinyin and has ordered them
      shouldLoad: () => true,
      load(text, done) {
        this.clearOptions((option) => this.items.includes(String(option.value)));
        fetch(`${address}${address.includes("?") ? "&" : "?"}q=${encodeURIComponent(text)}`, { headers: { Accept: "application/json" } })
          .then((answer) => (answer.ok ? answer.json() : []))
          .then((found) => done(Array.isArray(found) ? found : found.results))
          .catch(() => done([]));
      },
    }),
    render: {
      option: line,
      item: (data, escape) => `<div>${escape(data.text)}</div>`,
      no_results: (data, escape) => `<div class="no-results">${escape(words.noResults ?? "")}</div>`,
      loading: () => "",
    },
  });
  const label = document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
  if (label && !label.id) label.id = `${select.id}-label`;
  if (label) chooser.control_input.setAttribute("aria-labelledby", label.id);
  select.setAttribute("aria-hidden", "true"); // the field of the chooser is the one that is read
  for (const name of ["aria-describedby", "aria-invalid", "aria-required"]) {
    if (select.hasAttribute(name)) chooser.control_input.setAttribute(name, select.getAttribute(name));
  }
}

window.xiaoguan ??= {};
window.xiaoguan.select = start;
