// The wall screen: full screen by its button; when the network fails the last figures stay, marked, until it is back.

const AGAIN = 20_000; // milliseconds until the next try

const wall = () => document.getElementById("wall");

/** Says since when the figures stand still, and tries again until an answer comes. */
function wait() {
  const screen = wall();
  if (!screen) return;
  screen.classList.add("is-stale");
  screen.querySelector("[data-stale]")?.removeAttribute("hidden");
  setTimeout(() => screen.isConnected && window.htmx.trigger(screen, "again"), AGAIN);
}

/** Listens for the button and for answers that did not come. */
export function startWall() {
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-fullscreen]")) return;
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen?.();
  });
  for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
    document.addEventListener(name, (event) => event.detail.elt?.id === "wall" && wait());
  }
}
