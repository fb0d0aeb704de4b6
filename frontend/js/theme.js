// Runs before the first paint: theme and row height from the reader's cookies, else from the device.
const root = document.documentElement;
const dark = window.matchMedia("(prefers-color-scheme: dark)");

function apply() {
  const choice = root.dataset.themeChoice;
  const theme = choice === "auto" || !choice ? (dark.matches ? "dark" : "light") : choice;
  if (root.dataset.bsTheme !== theme) {
    root.dataset.bsTheme = theme;
    document.dispatchEvent(new CustomEvent("theme-changed"));
  }
}

root.classList.remove("no-script");
apply();
dark.addEventListener("change", apply);
document.addEventListener("theme-chosen", apply);
