import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { Link } from "wouter";
import uPlot from "uplot";
import type { Point } from "../api/types";
import type { Look } from "../lib/colors";
import { to } from "../lib/address";
import { count, middle, number, whole } from "../lib/format";
import { useTheme } from "../lib/theme";
import { Fit, Swatch } from "../ui/bits";
import { crosses, frame, height, lonePoints, painter } from "./chart";
import { clip } from "./series";

export interface Line {
  id: string;
  name: string;
  look: Look;
  points: Point[];
}

/** Several runs' curves of one metric; the table below names the lines. */
export function Overlay({ title, lines }: { title: string; lines: Line[] }) {
  const host = useRef<HTMLDivElement>(null);
  const { shown } = useTheme();
  const [at, setAt] = useState<number | null>(null);
  const data = joined(lines);
  const newest = useRef(data);
  newest.current = data;
  const plot = useRef<uPlot>(undefined);
  const range = clip(lines.flatMap((l) => l.points.flatMap((p) => p[2] ?? [])));
  const limits = range && ([range.min - (range.max - range.min) * 0.06, range.max + (range.max - range.min) * 0.06] as [number, number]);
  const newestLimits = useRef(limits);
  newestLimits.current = limits;
  const looks = JSON.stringify(lines.map((l) => [l.id, l.look]));
  useLayoutEffect(() => {
    const el = host.current;
    if (!el) return;
    const color = painter(el);
    const drawn = (JSON.parse(looks) as [string, Look][]).map(([, look]) => ({ stroke: color(`var(--c${look.color})`), dash: look.dash.length ? look.dash : undefined }));
    const made = new uPlot(
      {
        ...frame(el, "step", false, () => newestLimits.current),
        cursor: { points: { size: 7 }, drag: { x: true, y: false }, y: false },
        series: [
          {},
          ...drawn.map((d) => ({ ...d, width: 1.5, points: lonePoints(d.stroke) })),
        ],
        hooks: { setCursor: [(u: uPlot) => setAt(u.cursor.idx ?? null)], draw: [(u: uPlot) => drawn.forEach((d, i) => crosses(u, i + 1, d.stroke))] },
      },
      newest.current,
      el,
    );
    plot.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: el.clientWidth, height }));
    watch.observe(el);
    return () => {
      watch.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [looks, shown]);
  const state = lines.map((l) => `${l.points.length} ${l.points.at(-1)?.join()}`).join();
  useEffect(() => plot.current?.setData(newest.current), [state]);
  const step = at === null ? undefined : data[0][at];
  return (
    <figure className="chart">
      <figcaption>
        <span className="strong cut" title={title}>
          {middle(title, 40)}
        </span>
        <span className="dim num">{step === undefined ? "newest" : `step ${count(step)}`}</span>
      </figcaption>
      <div className="plot" ref={host} role="img" aria-label={`${title} of ${lines.length} runs; the last values stand below`} />
      {range && (
        <p className="note dim">
          {count(range.outside)} far {range.outside === 1 ? "value lies" : "values lie"} outside the picture
        </p>
      )}
      <ul className="lines">
        {lines.map((l) => {
          const v = valueAt(l.points, step);
          return (
            <li key={l.id}>
              <Swatch run={l.id} look={l.look} />
              <Link href={to("runs", l.id, "curves")} title={l.name}>
                <Fit text={l.name} />
              </Link>
              <span className="num" title={whole(v, title)}>
                {number(v)}
              </span>
            </li>
          );
        })}
      </ul>
    </figure>
  );
}

/** The last value at or before a step; without a step, the last. */
function valueAt(points: Point[], step: number | undefined): number | "NaN" | undefined {
  let found: Point | undefined;
  for (const p of points) {
    if (step !== undefined && p[0] > step) break;
    found = p;
  }
  return found && (found[2] ?? "NaN");
}

/** One column of steps for all; of several values of a step a line takes the last. */
function joined(lines: Line[]): uPlot.AlignedData {
  const steps = [...new Set(lines.flatMap((l) => l.points.map((p) => p[0])))].sort((a, b) => a - b);
  const columns = lines.map((l) => {
    const at = new Map(l.points.map((p) => [p[0], p[2]]));
    return steps.map((s) => (at.has(s) ? at.get(s)! : undefined));
  });
  return [steps, ...columns] as uPlot.AlignedData;
}
