// Theme and row height: remembered in cookies so that the server's first byte already fits.
const root = document.documentElement;
const YEAR = 365 * 86400;

function remember(name, value) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${value}; Path=/; Max-Age=${YEAR}; SameSite=Lax${secure}`;
}

export function look() {
  return {
    init() {
      this.mark();
    },
    mark() {
      for (const button of document.querySelectorAll("[data-theme-choice], [data-density-choice]")) {
        if (button === root) continue;
        const { themeChoice, densityChoice } = button.dataset;
        const on = themeChoice ? themeChoice === root.dataset.themeChoice : densityChoice === root.dataset.density;
        button.setAttribute("aria-pressed", String(on));
      }
    },
    chooseTheme(event) {
      root.dataset.themeChoice = event.currentTarget.dataset.themeChoice;
      remember("xiaoguan_theme", root.dataset.themeChoice);
      document.dispatchEvent(new CustomEvent("theme-chosen"));
      this.mark();
    },
    chooseDensity(event) {
      root.dataset.density = event.currentTarget.dataset.densityChoice;
      remember("xiaoguan_density", root.dataset.density);
      this.mark();
    },
    showKeys() {
      document.dispatchEvent(new CustomEvent("show-keys"));
    },
  };
}
