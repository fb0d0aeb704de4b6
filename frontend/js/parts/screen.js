// What the scripts ask about the screen and the place of the focus.
const phone = window.matchMedia("(max-width: 767px)");

export const isPhone = () => phone.matches;
export const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

/** Whether the person is typing, so that single-letter keys must be left alone. */
export function isTyping(target = document.activeElement) {
  return Boolean(target?.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable=true]"));
}

/** Whether a click asks the browser for another tab or a download. */
export const isModified = (event) => event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button !== 0;

/** A path of this site, or an empty string for anything else. */
export function ownPath(value) {
  return value && value.startsWith("/") && !value.startsWith("//") && !value.startsWith("/\\") ? value : "";
}
