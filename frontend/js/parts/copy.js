// A button with `data-copy` puts that text onto the clipboard and says so with `data-said`.

/** Where the page is not served safely (plain http in the office) only the old way is there. */
async function copied(text) {
  if (navigator.clipboard && isSecureContext) {
    await navigator.clipboard.writeText(text);
    return true;
  }
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "visually-hidden";
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}

export function startCopy() {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (!button) return;
    event.preventDefault();
    const done = await copied(button.dataset.copy).catch(() => false);
    if (done) document.dispatchEvent(new CustomEvent("toast", { detail: { text: button.dataset.said } }));
    button.focus();
  });
}
