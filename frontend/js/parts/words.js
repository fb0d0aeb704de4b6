// Sentences the scripts say; the server writes them in the reader's language into #words.

/** A sentence by its name, with {placeholders} filled in. */
export function word(name, values = {}) {
  const text = document.getElementById("words")?.dataset[name] ?? "";
  return text.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

/** Says something to screen readers without showing it. */
export function announce(text) {
  const live = document.getElementById("live");
  if (live) live.textContent = text;
}
