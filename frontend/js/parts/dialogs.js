// Answers that arrive in #dialogs open as modal dialogs and give the focus back when they close.

/** A click on the dimmed page closes; a click that began inside (selecting text) does not. */
function closeOutside(dialog) {
  dialog.addEventListener("pointerdown", (event) => {
    const box = dialog.getBoundingClientRect();
    const inside =
      event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (event.target === dialog && !inside) dialog.close();
  });
}

export function dialogs() {
  return {
    init() {
      const place = this.$el;
      let opener = null;
      document.addEventListener("htmx:beforeRequest", (event) => {
        if (event.detail.target === place && !place.contains(event.detail.elt)) opener = event.detail.elt;
      });
      place.addEventListener("htmx:afterSwap", () => {
        const dialog = place.querySelector("dialog");
        if (!dialog) {
          opener?.focus?.();
          return;
        }
        if (!dialog.open) dialog.showModal();
        closeOutside(dialog);
        dialog.addEventListener("close", () => {
          place.replaceChildren();
          opener?.isConnected && opener.focus?.();
        });
      });
      // Who fills in a field of a bulk edit means to change it.
      document.addEventListener("input", (event) => {
        const box = event.target.closest(".field")?.closest(".bulk-field")?.querySelector("[name=_set]");
        if (box) box.checked = true;
      });
      document.addEventListener("close-dialog", () => place.querySelector("dialog")?.close());
    },
  };
}

/** The list of keys. */
export function keys() {
  return {
    init() {
      closeOutside(this.$el);
      document.addEventListener("show-keys", () => this.$el.showModal());
    },
  };
}
