import { useEffect, useLayoutEffect, useRef } from "react";
import uPlot from "uplot";
import { count, duration, number } from "../lib/format";
import { useTheme } from "../lib/theme";
import { isolated, unseen, type Drawn, type XAxis } from "./series";
import { logRange, logTicks, tickText } from "./ticks";

export const height = 190; // pixels; reserved by the style sheet as well

interface Props {
  title: string;
  data: Drawn;
  x: XAxis;
  log: boolean;
  smoothed: boolean;
  color: number; // of the run
  sync: string; // charts of the same name share their cursor
  cursor: (index: number | null) => void;
}

/** One curve. Data come into the standing chart; only another axis or theme
 * makes a new one. Drag zooms, double click resets. */
export function Chart({ title, data, x, log, smoothed, color, sync, cursor }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const { shown } = useTheme();
  const tell = useRef(cursor);
  tell.current = cursor;
  const newest = useRef(data);
  newest.current = data;
  const drawn = useRef<Drawn>(undefined); // what the standing chart holds

  useLayoutEffect(() => {
    const el = host.current;
    if (!el) return;
    const made = new uPlot(options({ el, x, log, smoothed, sync, color, tell: (i) => tell.current(i) }), series(newest.current), el);
    plot.current = made;
    drawn.current = newest.current;
    const watch = new ResizeObserver(() => made.setSize({ width: el.clientWidth, height }));
    watch.observe(el);
    return () => {
      watch.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [x, log, smoothed, sync, color, shown]);

  useEffect(() => {
    const p = plot.current;
    if (!p || drawn.current === data) return;
    drawn.current = data;
    // Someone who has zoomed in keeps looking at the same part.
    const zoomed = isZoomed(p);
    p.setData(series(data), !zoomed);
    if (zoomed) p.redraw();
  }, [data]);

  return <div className="plot" ref={host} role="img" aria-label={label(title, data)} />;
}

function isZoomed(p: uPlot): boolean {
  const { min, max } = p.scales.x ?? {};
  const x = p.data[0];
  const first = x[0];
  const last = x[x.length - 1];
  if (first === undefined || last === undefined || first === last || min == null || max == null) return false;
  return min > first || max < last;
}

const series = (d: Drawn): uPlot.AlignedData => [d.x, d.raw, d.smooth];

function label(title: string, d: Drawn): string {
  const values = d.raw.filter((v) => v !== null);
  return `${title}: ${values.length} points, last ${number(values[values.length - 1])}`;
}

/** A canvas knows neither variables nor light-dark(): a probe is asked what
 * they come to. */
export function painter(el: HTMLElement): (value: string) => string {
  return (value) => {
    const probe = el.appendChild(document.createElement("span"));
    probe.style.color = value;
    const out = getComputedStyle(probe).color;
    probe.remove();
    return out;
  };
}

interface Make {
  el: HTMLElement;
  x: XAxis;
  log: boolean;
  smoothed: boolean;
  sync: string;
  color: number;
  tell: (index: number | null) => void;
}

/** What all charts have in common: size, scales, axes. */
export function frame(el: HTMLElement, x: XAxis, log: boolean, limits: () => [number, number] | undefined = () => undefined): Pick<uPlot.Options, "width" | "height" | "padding" | "legend" | "scales" | "axes"> {
  const color = painter(el);
  const font = `11px ${getComputedStyle(el).fontFamily}`;
  const axis: uPlot.Axis = {
    stroke: color("var(--dim)"),
    font,
    grid: { stroke: color("var(--grid)"), width: 1 },
    ticks: { show: false },
    gap: 4,
  };
  return {
    width: el.clientWidth || 300,
    height,
    padding: [8, 22, 0, 0], // to the right, half of the last label
    legend: { show: false },
    scales: { x: { time: false }, y: log ? { distr: 3, log: 10, range: (_u, min, max) => logRange(min, max) } : { range: (u, min, max) => limits() ?? spread(u, min, max) } },
    axes: [
      { ...axis, size: 24, ...(x === "time" ? timeTicks : stepTicks) },
      { ...axis, size: 56, ...(log && logLabels), values: (_u, all) => all.map((v) => (v === null ? "" : tickText(v))) },
    ],
  };
}

function options({ el, x, log, smoothed, sync, color, tell }: Make): uPlot.Options {
  const paint = painter(el);
  const line = paint(`var(--c${color})`);
  const faint = paint(`color-mix(in srgb, var(--c${color}) 35%, var(--ground))`);
  return {
    ...frame(el, x, log),
    cursor: { sync: { key: sync }, points: { size: 7 }, drag: { x: true, y: false }, y: false },
    series: [
      {},
      { stroke: smoothed ? faint : line, width: smoothed ? 1 : 1.5, points: lonePoints(line) },
      { stroke: line, width: 1.5, show: smoothed, points: { show: false } },
    ],
    hooks: { setCursor: [(u) => tell(u.cursor.idx ?? null)], draw: [(u) => crosses(u, 1, line)] },
  };
}

/** Round steps of a clock, in seconds. */
const timeTicks: uPlot.Axis = {
  space: 64,
  incrs: [0.01, 0.1, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 432000, 864000],
  values: (_u, all) => all.map((v) => (v === 0 ? "0" : duration(v * 1000).replace(/\s0\s[sm]$/, ""))),
};

/** Steps are whole. */
const stepTicks: uPlot.Axis = {
  values: (_u, all) => all.map((v) => (Number.isInteger(v) ? count(v) : "")),
};

const logLabels: uPlot.Axis = {
  splits: (_u, _axis, min, max) => logTicks(min, max),
  filter: (_u, splits) => splits,
};

/** Values that no line leads to are seen as dots. */
export function lonePoints(color: string): uPlot.Series.Points {
  return { show: false, size: 6, width: 0, stroke: color, fill: color, filter: (u, series) => isolated(u.data[series] ?? []) };
}

const cross = 3; // pixels to either side of its middle

/** Marks at the bottom edge where a series has a value that cannot be drawn;
 * where there are very many, as many as can be told apart. */
export function crosses(u: uPlot, series: number, color: string) {
  const { ctx, bbox } = u;
  const arm = cross * uPlot.pxRatio;
  const y = bbox.top + bbox.height - arm - uPlot.pxRatio;
  let last = -Infinity;
  ctx.save();
  ctx.strokeStyle = color;
  ctx.lineWidth = 1.5 * uPlot.pxRatio;
  ctx.beginPath();
  for (const i of unseen(u.data[series] ?? [])) {
    const x = u.valToPos(u.data[0][i]!, "x", true);
    if (x < bbox.left || x > bbox.left + bbox.width || x - last < 3 * arm) continue;
    last = x;
    ctx.moveTo(x - arm, y - arm);
    ctx.lineTo(x + arm, y + arm);
    ctx.moveTo(x - arm, y + arm);
    ctx.lineTo(x + arm, y - arm);
  }
  ctx.stroke();
  ctx.restore();
}

/** A constant curve gets room around it instead of a scale without height. */
function spread(_u: uPlot, min: number | null, max: number | null): [number, number] {
  if (min === null || max === null) return [0, 1];
  const room = max > min ? (max - min) * 0.06 : Math.abs(max) * 0.1 || 1;
  return [min - room, max + room];
}
