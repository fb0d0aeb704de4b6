// Waiting and failing: the thin bar, words when the server cannot be reached, and the way back to sign-in.
import { showToast } from "./toasts.js";
import { word } from "./words.js";

let running = 0;

/** Polls and prefetches carry data-quiet: nobody waits for them. */
const quiet = (event) => event.detail.elt?.closest?.("[data-quiet]");

function failure(status) {
  if (status === 403 || status === 404) return word("gone");
  if (status === 413) return word("tooLarge");
  if (status === 429) return word("tooMany");
  return word("failed");
}

/** Starts the bar and the messages; one listener each for the whole page. */
export function startBusy() {
  const root = document.documentElement;
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (quiet(event)) return;
    running += 1;
    root.classList.add("is-busy");
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (quiet(event)) return;
    running = Math.max(0, running - 1);
    if (!running) root.classList.remove("is-busy");
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    // A session that ended answers with the sign-in page: go there as a page, not into a corner of this one.
    const address = event.detail.xhr.responseURL;
    if (address && new URL(address).pathname.startsWith("/accounts/login")) {
      event.detail.shouldSwap = false;
      const next = encodeURIComponent(location.pathname + location.search);
      location.assign(`${new URL(address).pathname}?next=${next}`);
    }
  });
  document.addEventListener("htmx:responseError", (event) => {
    if (!quiet(event)) showToast({ text: failure(event.detail.xhr.status), tone: "red" });
  });
  document.addEventListener("htmx:sendError", (event) => {
    if (!quiet(event)) showToast({ text: word("offline"), tone: "red" });
  });
}
