// Charts from small specs (see README, Dashboard): one look for all, colours from the page's tokens, links to records.
import { BarChart, HeatmapChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { LabelLayout } from "echarts/features";
import { SVGRenderer } from "echarts/renderers";
import { bars, columns, heat } from "./parts/chart-kinds.js";
import { figures, palette } from "./parts/chart-look.js";

echarts.use([BarChart, HeatmapChart, LineChart, AriaComponent, GridComponent, TooltipComponent, VisualMapComponent, LabelLayout, SVGRenderer]);

const KINDS = { columns, line: columns, stack: columns, bars, heat };
const drawn = new Map(); // element -> {chart, spec}

async function specOf(element) {
  const own = element.querySelector("template");
  if (own) return JSON.parse(own.content.textContent);
  const answer = await fetch(element.dataset.chart, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`chart data: ${answer.status}`);
  return answer.json();
}

/** Words for the series above the drawing; a single series needs none. */
function legendFor(element, spec, look) {
  const named = (spec.series ?? []).filter((one) => one.name);
  element.previousElementSibling?.matches(".chart-legend") && element.previousElementSibling.remove();
  if (named.length < 2) return;
  const box = document.createElement("div");
  box.className = "legend chart-legend";
  named.forEach((one, index) => {
    const item = document.createElement("span");
    const key = document.createElement("i");
    key.className = `chart-key chart-key-${one.kind ?? spec.kind}`;
    key.style.setProperty("--key", look.series(one, index));
    if (["columns", "stack"].includes(spec.kind) && !one.kind) key.classList.add(`chart-pattern-${index % 5}`);
    item.append(key, one.name);
    box.append(item);
  });
  element.before(box);
}

function paint(element) {
  const { chart, spec } = drawn.get(element);
  const look = { ...palette(), tall: element.clientHeight, wide: element.clientWidth };
  const make = KINDS[spec.kind];
  if (!make) throw new Error(`unknown chart kind ${spec.kind}`);
  legendFor(element, spec, look);
  chart.setOption({ animation: false, ...make(spec, look, figures(spec)) }, true);
}

function follow(spec, event) {
  const one = spec.series?.[event.seriesIndex];
  const link = one?.links?.[event.dataIndex] ?? (spec.kind === "heat" ? spec.links?.[event.value[1]]?.[event.value[0]] : spec.links?.[event.dataIndex]);
  if (link?.startsWith("/")) location.assign(link);
}

async function start(element) {
  if (drawn.has(element)) return;
  const spec = await specOf(element);
  for (const [known, { chart }] of drawn) {
    if (known.isConnected) continue;
    chart.dispose();
    drawn.delete(known);
  }
  const stage = document.createElement("div");
  stage.className = "chart-stage";
  element.append(stage);
  const chart = echarts.init(stage, null, { renderer: "svg" });
  drawn.set(element, { chart, spec });
  paint(element);
  chart.on("click", (event) => follow(spec, event));
  const fit = () => {
    chart.resize();
    // Paper has another width than the screen: with its own measure the drawing can be made smaller.
    stage.querySelector("svg")?.setAttribute("viewBox", `0 0 ${chart.getWidth()} ${chart.getHeight()}`);
  };
  new ResizeObserver(fit).observe(stage);
  element.dataset.drawn = "1";
}

document.addEventListener("theme-changed", () => drawn.forEach((one, element) => element.isConnected && paint(element)));
window.xiaoguan ??= {};
window.xiaoguan.charts = start;
