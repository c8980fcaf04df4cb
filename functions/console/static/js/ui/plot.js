/** Plots, by a library that is loaded when the first one is drawn, with a table of the same behind each. */

import { html, useEffect, useRef, useState } from "../dom.js";
import { loadLibrary } from "./library.js";

const HEIGHT = 200;

/**
 * Lines or steps over numbers or times.
 * @param {{
 *   label: string, xs: number[], byTime?: boolean, show?: (y: number) => string,
 *   series: {name: string, ys: (number|null)[], kind?: "steps"}[],
 *   children: any,
 * }} props numbers here are for drawing only; `children` is the table with the exact figures
 */
export function Plot({ label, xs, series, byTime = false, show = String, children }) {
  const element = useRef(null);
  const [failed, setFailed] = useState(null);
  const scheme = useScheme();
  useEffect(() => {
    let plot = null;
    let over = false;
    const width = () => Math.max(200, element.current.clientWidth);
    const resize = () => plot?.setSize({ width: width(), height: HEIGHT });
    loadLibrary("plot", "uPlot").then((UPlot) => {
      if (over) return;
      const styles = getComputedStyle(element.current);
      plot = new UPlot(options(UPlot, { styles, series, byTime, show, width: width() }), data(xs, series), element.current);
      addEventListener("resize", resize);
    }, (fault) => over || setFailed(fault.message));
    return () => {
      over = true;
      removeEventListener("resize", resize);
      plot?.destroy();
    };
  }, [JSON.stringify([xs, series]), scheme]);
  return html`<figure class="plot">
    <figcaption>${label}</figcaption>
    <div ref=${element} class="plot-area" role="img" aria-label=${label}></div>
    ${failed && html`<p class="wrong">${failed}. The figures are below.</p>`}
    <details><summary>The figures as a table</summary>${children}</details>
  </figure>`;
}

function data(xs, series) {
  return [xs, ...series.map((each) => each.ys)];
}

function options(UPlot, { styles, series, byTime, show, width }) {
  const colour = (name) => styles.getPropertyValue(name).trim();
  const lines = { stroke: colour("--line"), width: 1 };
  const axis = { stroke: colour("--faint"), grid: lines, ticks: lines };
  return {
    width,
    height: HEIGHT,
    cursor: { drag: { x: false, y: false } },
    // One line is named by its heading.
    legend: { show: series.length > 1 },
    scales: { x: { time: byTime } },
    axes: [{ ...axis }, { ...axis, size: 80, values: (_, ticks) => ticks.map(show) }],
    series: [
      {},
      ...series.map((each, index) => ({
        label: each.name,
        stroke: colour(`--series-${index % 4}`),
        width: 2,
        value: (_, y) => (y === null ? "–" : show(y)),
        ...pathsOf(UPlot, each.kind),
      })),
    ],
  };
}

function pathsOf(UPlot, kind) {
  if (kind === "steps") return { paths: UPlot.paths.stepped({ align: 1 }) };
  return {};
}

/** Whether the screen is dark, since a plot is drawn in colours of its time. */
function useScheme() {
  const query = matchMedia("(prefers-color-scheme: dark)");
  const [dark, setDark] = useState(query.matches);
  useEffect(() => {
    const changed = () => setDark(query.matches);
    query.addEventListener("change", changed);
    return () => query.removeEventListener("change", changed);
  }, []);
  return dark;
}
