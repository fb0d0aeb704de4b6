// The kinds of charts: columns with a stepped target and hatched forecast, lines, horizontal bars, heat.
import { ground, hatch, mix, pattern, readable, tip } from "./chart-look.js";

const axisText = (look) => ({ color: look.text3, fontSize: 12, fontFamily: look.font });

function valueAxis(look, figure, extra = {}) {
  return {
    type: "value",
    minInterval: figure.smallest,
    name: figure.axis.unit,
    nameGap: 8,
    nameTextStyle: { ...axisText(look), align: figure.axis.unit.length > 2 ? "left" : "right", padding: [0, 4, 0, 0] },
    splitNumber: 4,
    ...(figure.axis.full ? { max: figure.axis.full, interval: figure.axis.full / 4 } : {}),
    axisLabel: { ...axisText(look), formatter: figure.axis.label, hideOverlap: true },
    splitLine: { lineStyle: { color: look.line, width: 1 } },
    axisLine: { show: false },
    axisTick: { show: false },
    ...extra,
  };
}

function categoryAxis(look, labels, extra = {}) {
  return {
    type: "category",
    data: labels,
    axisLabel: { ...axisText(look), interval: "auto", hideOverlap: true },
    axisLine: { show: false },
    axisTick: { show: false },
    ...extra,
  };
}

const SYMBOLS = ["circle", "triangle", "rect", "diamond", "emptyCircle"]; // lines differ by more than their colour
const LABEL = 168; // pixels at most for the name at the end of a line
const NARROW = 520; // a chart this wide names its lines in the legend only

/** About how many pixels a text of 12 px takes. */
const wide = (text) => [...(text ?? "")].reduce((sum, sign) => sum + (sign.charCodeAt(0) > 0x2e80 ? 12.5 : 7), 0);

/** Room for the longest name at the end of a line. */
function room(names) {
  return Math.min(LABEL, Math.max(...names.map(wide))) + 16;
}

/** One series of a columns, line or stack chart. */
function series(one, index, spec, look, figure) {
  const colour = look.series(one, index);
  const kind = one.kind ?? (spec.kind === "line" ? "line" : "column");
  const shared = { name: one.name, data: one.values, emphasis: { disabled: true }, cursor: one.links ? "pointer" : "default" };
  if (kind === "step") {
    return { ...shared, type: "line", step: "middle", symbol: "none", lineStyle: { color: colour, width: 1.5 }, itemStyle: { color: colour }, z: 4 };
  }
  if (kind === "line") {
    const last = one.values.findLastIndex((value) => value != null);
    return {
      ...shared, type: "line", symbol: SYMBOLS[index % SYMBOLS.length], symbolSize: 7, showSymbol: one.values.length < 14, z: 3,
      lineStyle: { color: colour, width: 2, type: one.dashed ? "dashed" : "solid" }, itemStyle: { color: colour },
      endLabel: { show: look.wide > NARROW && spec.series.length > 1 && last >= 0, formatter: one.name, color: look.text2, fontSize: 12, width: LABEL, overflow: "truncate" },
      labelLayout: { moveOverlap: "shiftY" },
    };
  }
  const bars = spec.series.filter((other) => !["step", "hatch", "line"].includes(other.kind));
  const decal = bars.length > 1 ? pattern(look, bars.indexOf(one)) : undefined;
  const bar = { ...shared, type: "bar", barMaxWidth: 28, barGap: "20%", itemStyle: { color: colour, decal } };
  if (kind === "hatch") {
    return {
      ...bar, stack: "done",
      itemStyle: { color: look.accentSoft, decal: hatch(look) },
      label: { show: true, position: "top", color: look.text2, backgroundColor: look.surface, padding: [0, 2], fontSize: 12, formatter: ({ dataIndex }) => total(spec, dataIndex, figure) },
    };
  }
  const stacked = spec.kind === "stack" || spec.series.some((other) => other.kind === "hatch");
  return stacked ? { ...bar, stack: "done" } : bar;
}

/** Above a hatched part stands the sum it would reach. */
function total(spec, index, figure) {
  const parts = spec.series.filter((one) => one.kind !== "step").map((one) => one.values[index] ?? 0);
  const forecast = spec.series.find((one) => one.kind === "hatch").values[index];
  return forecast ? figure.short(parts.reduce((sum, value) => sum + value, 0)) : "";
}

export function columns(spec, look, figure) {
  const base = ground(look);
  const direct = look.wide > NARROW && spec.kind === "line" && spec.series.length > 1;
  const nothing = spec.series.every((one) => one.values.every((value) => !value));
  const low = look.tall < 150; // no room for the unit and five lines
  return {
    ...base,
    grid: { left: 8, right: direct ? room(spec.series.map((one) => one.name)) : 12, top: low ? 8 : figure.unit ? 30 : 16, bottom: 4, containLabel: true },
    aria: { enabled: true, decal: { show: false } },
    xAxis: categoryAxis(look, spec.labels, { boundaryGap: spec.kind !== "line" }),
    yAxis: valueAxis(look, figure, {
      ...(low ? { name: "", splitNumber: 2, ...(figure.axis.full ? { interval: figure.axis.full / 2 } : {}) } : {}),
      // Nothing yet: one line at zero, not four that all say so.
      ...(nothing ? { max: 1, interval: 1, axisLabel: { ...axisText(look), formatter: (value) => (value ? "" : figure.axis.label(0)) } } : {}),
      ...(spec.kind === "line" ? { scale: Boolean(spec.scale) } : { min: (range) => Math.min(0, range.min) }),
    }),
    tooltip: {
      ...base.tooltip,
      trigger: "axis",
      axisPointer: { type: spec.kind === "line" ? "line" : "shadow", shadowStyle: { color: look.track, opacity: 0.4 }, lineStyle: { color: look.line } },
      formatter: (points) => {
        const index = points[0].dataIndex;
        const lines = spec.series
          .map((one, i) => ({ colour: look.series(one, i), name: one.name, figure: figure.withUnit(one.values[index]), empty: one.values[index] == null }))
          .filter((line) => !line.empty);
        return tip(spec.labels[index], lines);
      },
    },
    series: spec.series.map((one, index) => series(one, index, spec, look, figure)),
  };
}

/** Horizontal bars: figure and note stand right of each bar; `fade` shades the steps of a funnel. */
export function bars(spec, look, figure) {
  const [one] = spec.series;
  const base = ground(look);
  const steps = one.values.length;
  const top = Math.max(...one.values.map((value) => value ?? 0), 1);
  const notes = spec.notes ?? one.notes ?? [];
  const texts = one.values.map((value, index) => wide(figure.exact(value)) * 1.1 + (notes[index] ? wide(notes[index]) + 18 : 0));
  const colour = (index) => ({ color: spec.fade ? mix(look.accent, look.surface, (index / steps) * 0.6) : look.accent, borderRadius: 2 });
  return {
    ...base,
    grid: { left: 8, right: 14 + Math.max(0, ...texts), top: 4, bottom: 4, containLabel: true }, // what stands beside the longest bar
    aria: { enabled: true, decal: { show: false } },
    xAxis: { type: "value", show: false, max: top },
    yAxis: categoryAxis(look, spec.labels, { inverse: true, axisLabel: { ...axisText(look), color: look.text, fontSize: 13, interval: 0, width: 120, overflow: "truncate" } }),
    tooltip: {
      ...base.tooltip,
      trigger: "item",
      formatter: ({ dataIndex }) => tip(spec.labels[dataIndex], [{ colour: look.accent, name: one.name ?? "", figure: figure.withUnit(one.values[dataIndex]) }]),
    },
    series: [
      {
        type: "bar", name: one.name, barMaxWidth: 22, showBackground: false, emphasis: { disabled: true },
        cursor: one.links || spec.links ? "pointer" : "default",
        data: one.values.map((value, index) => ({ value, itemStyle: colour(index) })),
        label: {
          show: true, position: "right", distance: 6,
          formatter: ({ dataIndex }) => `{figure|${figure.exact(one.values[dataIndex])}}${notes[dataIndex] ? `  {note|${notes[dataIndex]}}` : ""}`,
          rich: {
            figure: { color: look.text, fontSize: 13, fontWeight: 500, fontFamily: look.font },
            note: { color: look.text3, fontSize: 12, fontFamily: look.font, padding: [0, 0, 0, 8] },
          },
        },
      },
    ],
  };
}

const STEPS = [0, 0.25, 0.5, 0.75, 1];
const hue = (share, look) => mix(look.accentSoft, look.accent, share);

/** One hue from the surface to the accent, with the figure in each cell. */
export function heat(spec, look, figure) {
  const base = ground(look);
  const cells = spec.values.flatMap((row, y) => row.map((value, x) => [x, y, value]));
  const top = Math.max(...cells.map((cell) => cell[2] ?? 0), 1);
  return {
    ...base,
    grid: { left: 8, right: 8, top: 4, bottom: 4, containLabel: true },
    aria: { enabled: true, decal: { show: false } },
    xAxis: categoryAxis(look, spec.x, { axisLabel: { ...axisText(look), interval: 0, rotate: 0 } }),
    yAxis: categoryAxis(look, spec.y, { inverse: true, axisLabel: { ...axisText(look), interval: 0, rotate: 0 } }),
    visualMap: { show: false, min: 0, max: top, inRange: { color: STEPS.map((share) => hue(share, look)) } },
    tooltip: {
      ...base.tooltip,
      trigger: "item",
      formatter: ({ value: [x, y, value] }) => tip(`${spec.y[y]} ${spec.x[x]}`, [{ colour: look.accent, name: spec.name ?? "", figure: figure.withUnit(value) }]),
    },
    series: [
      {
        type: "heatmap",
        cursor: spec.links ? "pointer" : "default",
        emphasis: { disabled: true },
        itemStyle: { borderColor: look.surface, borderWidth: 2, borderRadius: 3 },
        data: cells.map(([x, y, value]) => ({ value: [x, y, value], label: { color: readable(hue((value ?? 0) / top, look), look.text, look.onAccent) } })),
        label: { show: true, fontSize: 12, formatter: ({ value }) => (value[2] == null ? "" : figure.short(value[2])) },
      },
    ],
  };
}
