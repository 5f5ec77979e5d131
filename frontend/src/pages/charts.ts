/** Plots of what clauses came to; the same numbers stand in a table beside them. */

import { BarChart, LineChart, ScatterChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, use, type EChartsCoreOption } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { minutes } from "../clock.ts";

use([BarChart, LineChart, ScatterChart, AriaComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, CanvasRenderer]);

interface Days {
  kind: "days";
  label: string;
  days: string[];
  series: { name: string; verdict: string; values: number[] }[];
}

interface Observed {
  kind: "observed";
  label: string;
  unit: string;
  limit: number | null;
  limit_name: string;
  points: { at: string; value: number; verdict: string; url: string }[];
}

interface Pareto {
  kind: "pareto";
  label: string;
  names: [string, string];
  titles: string[];
  counts: number[];
  running: number[];
  urls: string[];
}

interface Trend {
  kind: "trend";
  label: string;
  starts: string[];
  series: { name: string; values: (number | null)[] }[]; // null: no data, a gap
  seconds?: boolean; // told as minutes and seconds, like the figures beside
}

type Plot = Days | Observed | Pareto | Trend;

const COLOURS: Record<string, string> = { met: "#2c8a52", not_met: "#c63a31", not_measurable: "#d9a441" };

function days(data: Days): EChartsCoreOption {
  return {
    xAxis: { type: "category", data: data.days },
    yAxis: { type: "value", minInterval: 1 },
    legend: { top: 0 },
    series: data.series.map((row) => ({
      name: row.name, type: "bar", stack: "all", data: row.values, itemStyle: { color: COLOURS[row.verdict] },
      ...(row.verdict === "not_met" ? { itemStyle: { color: COLOURS[row.verdict], decal: { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: 0.8 } } } : {}),
    })),
  };
}

function observed(data: Observed): EChartsCoreOption {
  return {
    xAxis: { type: "time", axisLabel: { formatter: "{dd}.{MM}" } },
    yAxis: { type: "value", name: data.unit, max: (range: { max: number }) => Math.ceil(Math.max(range.max, data.limit ?? 0) * 1.08) },
    series: [{
      type: "scatter", symbolSize: 9,
      data: data.points.map((point) => ({ value: [point.at, point.value], url: point.url, symbol: point.verdict === "not_met" ? "diamond" : "circle", itemStyle: { color: COLOURS[point.verdict] } })),
      markLine: data.limit === null ? undefined : { silent: true, symbol: "none", label: { formatter: data.limit_name, position: "insideEndTop" }, lineStyle: { color: "#b3261e" }, data: [{ yAxis: data.limit }] },
    }],
  };
}

/** Reasons by frequency as bars, their running share as a line; a bar leads to its complaints. */
function pareto(data: Pareto): EChartsCoreOption {
  return {
    grid: { left: 40, right: 40, top: 34, bottom: 82 },
    legend: { top: 0, type: "scroll" },
    xAxis: { type: "category", data: data.titles, axisLabel: { interval: 0, rotate: 35, width: 110, overflow: "truncate" } },
    yAxis: [{ type: "value", minInterval: 1 }, { type: "value", min: 0, max: 100, splitLine: { show: false } }],
    series: [
      { name: data.names[0], type: "bar", itemStyle: { color: "#0b5394" }, data: data.counts.map((value, at) => ({ value, url: data.urls[at] })) },
      { name: data.names[1], type: "line", yAxisIndex: 1, data: data.running, symbolSize: 7, itemStyle: { color: "#b3541e" } },
    ],
  };
}

function trend(data: Trend): EChartsCoreOption {
  return {
    grid: { left: 40, right: 16, top: 40, bottom: 30 },
    legend: { top: 0, type: "scroll" },
    xAxis: { type: "category", data: data.starts },
    yAxis: { type: "value", minInterval: 1, ...(data.seconds ? { axisLabel: { formatter: minutes } } : {}) },
    series: data.series.map((row) => ({ name: row.name, type: "line", data: row.values, symbolSize: 7, ...(data.seconds ? { tooltip: { valueFormatter: minutes } } : {}) })),
  };
}

function options(data: Plot): EChartsCoreOption {
  if (data.kind === "pareto") return pareto(data);
  if (data.kind === "trend") return trend(data);
  return data.kind === "days" ? days(data) : observed(data);
}

export function chart(element: HTMLElement): void {
  const data = JSON.parse(document.getElementById(element.dataset["chart"]!)?.textContent ?? "null") as Plot | null;
  if (!data) return;
  const plot = init(element, null, { renderer: "canvas" });
  plot.setOption({
    animation: false,
    aria: { enabled: true, label: { description: data.label } },
    grid: { left: 44, right: 16, top: 34, bottom: 30 },
    tooltip: { trigger: data.kind === "observed" ? "item" : "axis", renderMode: "richText" }, // drawn: no styles in elements
    ...options(data),
  });
  element.setAttribute("role", "img");
  element.setAttribute("aria-label", data.label);
  plot.on("click", (event) => {
    const url = (event.data as { url?: string } | undefined)?.url;
    if (url) window.location.assign(url);
  });
  window.addEventListener("resize", () => plot.resize());
}
