// Colours and figures of charts, read from the page's tokens and the spec's measure.

const MINUS = "\u2212";
const LARGE = 10_000;

/** The colours of the current theme. */
export function palette() {
  const style = getComputedStyle(document.documentElement);
  const get = (name) => style.getPropertyValue(`--${name}`).trim();
  const many = [1, 2, 3, 4, 5].map((n) => get(`series-${n}`));
  const colours = {
    text: get("text"), text2: get("text-2"), text3: get("text-3"), line: get("line"), surface: get("surface"),
    accent: get("accent"), accentSoft: get("accent-soft"), accentMid: get("accent-mid"), onAccent: get("on-accent"),
    track: get("track"), font: getComputedStyle(document.body).fontFamily,
  };
  const series = (one, index) => {
    if (one.kind === "step") return get("series-2");
    if (one.kind === "hatch") return colours.accentMid;
    return one.other ? get("series-other") : many[(one.colour ?? index) % many.length];
  };
  return { ...colours, many, series, dark: document.documentElement.dataset.bsTheme === "dark" };
}

const channels = (hex) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));

/** A colour so far (0 to 1) on the way from one to another; both as #rrggbb. */
export function mix(from, to, share) {
  const [a, b] = [channels(from), channels(to)];
  return `#${a.map((value, i) => Math.round(value + (b[i] - value) * share).toString(16).padStart(2, "0")).join("")}`;
}

function luminance(hex) {
  const [r, g, b] = channels(hex).map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one, other) {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

/** The more readable of two text colours on a ground. */
export const readable = (ground, one, other) => (contrast(ground, one) >= contrast(ground, other) ? one : other);

/** The highest figure of a chart, what is stacked added up. */
function highest(spec) {
  const series = spec.series ?? [];
  const stacks = spec.kind === "stack" || series.some((one) => one.kind === "hatch");
  const isBar = (one) => stacks && !["step", "line"].includes(one.kind);
  const bars = series.filter(isBar).map((one) => one.values ?? []);
  const sums = (bars[0] ?? []).map((_value, index) => bars.reduce((sum, each) => sum + Math.abs(each[index] ?? 0), 0));
  const others = series.filter((one) => !isBar(one)).flatMap((one) => one.values ?? []);
  return Math.max(0, ...sums, ...others.map((value) => Math.abs(value ?? 0)));
}

/** Functions that turn stored integers into what is shown. */
export function figures(spec) {
  const divisor = spec.divisor ?? 1;
  const decimals = spec.decimals ?? 0;
  const format = (digits) => {
    const number = new Intl.NumberFormat("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
    return (value) => (value == null ? "\u2014" : number.format(value / divisor).replace("-", MINUS));
  };
  const exact = format(decimals);
  const plain = (value) => String(Math.round(value * 100) / 100).replace("-", MINUS);
  const isLarge = spec.large && highest(spec) / divisor >= LARGE;
  return {
    unit: spec.unit ?? "",
    /** Counts have no halves. */
    smallest: divisor === 1 && decimals === 0 ? 1 : undefined,
    exact,
    withUnit: (value) => (value == null ? "\u2014" : `${exact(value)}${spec.unit === "%" ? "%" : spec.unit ? `\u00a0${spec.unit}` : ""}`),
    /** Of a whole axis: one unit for all its figures, the next one where the highest is large. */
    axis: {
      unit: isLarge ? spec.large : spec.unit ?? "",
      label: (value) => (isLarge ? plain(value / divisor / spec.factor) : format(Number.isInteger(value / divisor) || decimals === 0 || Math.abs(value / divisor) >= 100 ? 0 : 1)(value)),
      /** Nearly all of a hundred per cent is drawn up to there, not up to 120: the end of such an axis, else nothing. */
      full: spec.unit === "%" && highest(spec) > 60 * divisor && highest(spec) <= 100 * divisor ? 100 * divisor : 0,
    },
    /** On marks: no decimals where the figure is large enough to do without; from 10,000 on the next unit. */
    short: (value) => {
      const shown = Math.abs(value / divisor);
      if (spec.large && shown >= LARGE) return `${plain(value / divisor / spec.factor)}\u00a0${spec.large}`;
      return shown >= 100 || decimals === 0 || value === 0 ? format(0)(value) : format(1)(value);
    },
  };
}

const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
export const escapeText = (text) => String(text).replace(/[&<>"']/g, (sign) => ESCAPES[sign]);

/** The tooltip box: a heading and one line per series. */
export function tip(heading, lines) {
  const rows = lines.map(
    ({ colour, name, figure }) =>
      `<span><i style="background:${colour}"></i>${escapeText(name)}<em>${escapeText(figure)}</em></span>`,
  );
  return `<div class="chart-tip"><b>${escapeText(heading)}</b>${rows.join("")}</div>`;
}

/** What every chart shares. */
export function ground(look) {
  return {
    textStyle: { fontFamily: look.font, fontSize: 12, color: look.text2 },
    tooltip: {
      confine: true, padding: 0, borderWidth: 0, backgroundColor: "transparent", extraCssText: "box-shadow:none",
      transitionDuration: 0,
    },
  };
}

/** Patterns that tell series apart without their colours: plain, then lines one way, the other way, dots, cross lines. */
export function pattern(look, index) {
  const base = { color: mix(look.surface, look.text, 0.12), dashArrayX: [1, 0], dashArrayY: [2, 5], symbol: "rect", symbolSize: 1 };
  return [
    undefined,
    { ...base, rotation: Math.PI / 4 },
    { ...base, rotation: -Math.PI / 4 },
    { ...base, symbol: "circle", dashArrayX: [[6, 6], [0, 6, 6, 0]], dashArrayY: [6, 0], symbolSize: 0.5 },
    { ...base, rotation: 0, dashArrayY: [1.5, 4] },
  ][index % 5];
}

/** Diagonal hatch for what is only expected. */
export const hatch = (look) => ({
  symbol: "line", dashArrayX: [1, 0], dashArrayY: [2, 3], rotation: -Math.PI / 4, color: look.accentMid,
});
