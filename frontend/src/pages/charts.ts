/** Plots of what clauses came to; the same numbers stand in a table beside them. */

import { BarChart, LineChart, ScatterChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, use, type EChartsCoreOption } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

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

export function chart(element: HTMLElement): void {
  const data = JSON.parse(document.getElementById(element.dataset["chart"]!)?.textContent ?? "null") as Days | Observed | null;
  if (!data) return;
  const plot = init(element, null, { renderer: "canvas" });
  plot.setOption({
    animation: false,
    aria: { enabled: true, label: { description: data.label } },
    grid: { left: 44, right: 16, top: 34, bottom: 30 },
    tooltip: { trigger: data.kind === "days" ? "axis" : "item" },
    ...(data.kind === "days" ? days(data) : observed(data)),
  });
  element.setAttribute("role", "img");
  element.setAttribute("aria-label", data.label);
  plot.on("click", (event) => {
    const url = (event.data as { url?: string } | undefined)?.url;
    if (url) window.location.assign(url);
  });
  window.addEventListener("resize", () => plot.resize());
}
