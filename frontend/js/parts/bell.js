// The bell: asks how many notices are unread and what waits under the words of the navigation, not while nobody looks; what arrives meanwhile is said in a toast.
const PAUSE = 30_000;
const LONGEST = 300_000;

let known = null;
let tag = "";
let pause = PAUSE;
let timer = 0;

function show(count, selector) {
  for (const place of document.querySelectorAll(selector)) {
    place.hidden = !count;
    place.textContent = "";
    if (!count) continue;
    const badge = document.createElement("span");
    badge.className = "badge";
    badge.textContent = count > 99 ? "99+" : String(count);
    place.append(badge);
  }
}

function announce(fresh) {
  document.dispatchEvent(new CustomEvent("toast", { detail: { text: fresh.text, link: fresh.url } }));
}

async function ask(url) {
  const address = new URL(url, window.location.href);
  if (known !== null) address.searchParams.set("after", known);
  const headers = tag ? { "If-None-Match": tag } : {};
  const answer = await fetch(address, { headers, cache: "no-store", credentials: "same-origin", redirect: "error" });
  if (answer.status === 304) return;
  if (!answer.ok) throw new Error(String(answer.status));
  const said = await answer.json();
  tag = answer.headers.get("ETag") ?? "";
  show(said.unread, "[data-bell-count]");
  for (const [word, count] of Object.entries(said.waiting)) show(count, `[data-count="${word}"]`);
  if (known !== null && said.fresh) announce(said.fresh);
  known = Math.max(known ?? 0, said.newest);
}

/** Keeps the bell current; an unreachable server is asked less and less often. */
export function startBell() {
  const bell = document.querySelector("[data-bell]");
  if (!bell) return;
  const round = async () => {
    clearTimeout(timer);
    if (document.hidden) return; // comes back with the tab
    try {
      await ask(bell.dataset.bell);
      pause = PAUSE;
    } catch {
      pause = Math.min(LONGEST, pause * 2);
    }
    timer = setTimeout(round, pause);
  };
  document.addEventListener("visibilitychange", round);
  document.body.addEventListener("inbox-changed", round);
  round();
}
