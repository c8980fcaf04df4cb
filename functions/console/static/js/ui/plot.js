/** Plots, by a library that is loaded when the first one is drawn, with a table of the same behind each. */

import { html, useEffect, useRef, useState } from "../dom.js";
import { stacked } from "../stacks.js";
import { timeTicks } from "../time.js";
import { loadLibrary } from "./library.js";

const HEIGHT = 220;
// Bars are parts one upon the other, and need more.
const BARS_HEIGHT = 320;
const COLOURS = 5;
// What a digit of an axis is wide, and what stands between it and the plot.
const DIGIT_PIXELS = 7.5;
const AXIS_PIXELS = 18;
const [MINUTE, HOUR, DAY] = [60, 3600, 86_400];
const TICKS_SECONDS = [1, 5, 15, 30, ...[1, 5, 15, 30].map((each) => each * MINUTE), ...[1, 3, 6, 12].map((each) => each * HOUR), ...[1, 2, 7, 30, 90, 365].map((each) => each * DAY)];

/**
 * Lines or steps over numbers or times, or bars, one upon the other, over places with names.
 * @param {{
 *   label: string, xs?: number[], names?: string[], byTime?: boolean, show?: (y: number) => string,
 *   series: {name: string, ys: (number|null)[], kind?: "steps", isRest?: boolean}[],
 *   children: any,
 * }} props numbers here are for drawing only; `names` makes bars, and `children` is the table with the
 *   exact figures
 */
export function Plot({ label, xs, names, series, byTime = false, show = String, children }) {
  const element = useRef(null);
  const [failed, setFailed] = useState(null);
  const scheme = useScheme();
  useEffect(() => {
    let plot = null;
    let over = false;
    const width = () => Math.max(200, element.current.clientWidth);
    const height = names ? BARS_HEIGHT : HEIGHT;
    const resize = () => plot?.setSize({ width: width(), height });
    loadLibrary("plot", "uPlot").then((UPlot) => {
      if (over) return;
      const styles = getComputedStyle(element.current);
      const colour = (name) => styles.getPropertyValue(`--${name}`).trim();
      const drawn = names ? bars(UPlot, { names, series, show, colour }) : lines(UPlot, { xs, series, byTime, show, colour });
      plot = new UPlot({ cursor: { drag: { x: false, y: false } }, ...drawn.options, width: width(), height }, drawn.data, element.current);
      addEventListener("resize", resize);
    }, (fault) => over || setFailed(fault.message));
    return () => {
      over = true;
      removeEventListener("resize", resize);
      plot?.destroy();
    };
  }, [JSON.stringify([xs, names, series]), scheme]);
  return html`<figure class="plot">
    <figcaption>${label}</figcaption>
    <div ref=${element} class="plot-area" role="img" aria-label=${label}></div>
    ${failed && html`<p class="wrong">${failed}. The figures are below.</p>`}
    <details><summary>The figures as a table</summary>${children}</details>
  </figure>`;
}

function lines(UPlot, { xs, series, byTime, show, colour }) {
  return {
    data: [xs, ...series.map((each) => each.ys)],
    options: {
      // One line is named by its heading.
      legend: { show: series.length > 1 },
      scales: { x: { time: byTime } },
      axes: [byTime ? timeAxis(colour) : axis(colour), amountAxis(colour)],
      series: [
        {},
        ...series.map((each, index) => ({
          label: each.name,
          stroke: colour(`series-${index % COLOURS}`),
          width: 2,
          value: (_, y) => told(y, show),
          ...(each.kind === "steps" ? { paths: UPlot.paths.stepped({ align: 1 }) } : {}),
        })),
      ],
    },
  };
}

/** Bars are drawn from 0 on, the farthest first, so that the nearer ones stand before it. */
function bars(UPlot, { names, series, show, colour }) {
  const tops = stacked(series);
  const paths = UPlot.paths.bars({ size: [0.75, 48] });
  const drawn = series.map((each, index) => ({
    label: each.name,
    fill: colour(each.isRest ? "series-rest" : `series-${index % COLOURS}`),
    // The edge parts a bar from the one that it stands on.
    stroke: colour("card"),
    width: 1,
    paths,
    points: { show: false },
    value: (_, _y, _series, place) => told(each.ys[place], show),
  }));
  return {
    data: [names.map((_, place) => place), ...tops.reverse()],
    options: {
      scales: {
        x: { time: false, range: (_, first, last) => [first - 0.5, last + 0.5] },
        y: { range: (_, least, most) => UPlot.rangeNum(Math.min(0, least), Math.max(0, most), 0.1, true) },
      },
      axes: [
        { ...axis(colour), grid: { show: false }, ticks: { show: false }, incrs: [1, 2, 5, 7, 10, 15], space: 70, values: (_, places) => places.map((place) => names[place]) },
        amountAxis(colour),
      ],
      series: [{ label: "Day", value: (_, place) => names[place] ?? "–" }, ...drawn.reverse()],
      hooks: { ready: [tellLast], setCursor: [tellLast] },
    },
  };
}

/** Where nobody points at a bar, the last one is told. */
function tellLast(plot) {
  if (plot.cursor.idx === null || plot.cursor.idx === undefined) plot.setLegend({ idx: plot.data[0].length - 1 });
}

function axis(colour) {
  const strokes = { stroke: colour("line"), width: 1 };
  return { stroke: colour("faint"), grid: strokes, ticks: strokes };
}

/** Times as everywhere else on the page; by itself the library writes them as in America, and parts of a second. */
function timeAxis(colour) {
  return { ...axis(colour), incrs: TICKS_SECONDS, space: 110, values: (_, seconds, _axis, _space, step) => timeTicks(seconds, step) };
}

/** As wide as its longest figure, and without parts of a unit where none of them has any. */
function amountAxis(colour) {
  const size = (_, figures) => AXIS_PIXELS + DIGIT_PIXELS * Math.max(3, ...(figures ?? []).map((figure) => figure.length));
  const values = (_, ticks) => {
    const minimumFractionDigits = ticks.every(Number.isInteger) ? 0 : 2;
    const figures = new Intl.NumberFormat(undefined, { minimumFractionDigits, maximumFractionDigits: 6 });
    return ticks.map((tick) => figures.format(tick));
  };
  return { ...axis(colour), size, values };
}

function told(y, show) {
  return y === null || y === undefined ? "–" : show(y);
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
