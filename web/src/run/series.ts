import type { Curve, Point } from "../api/types";

/** Points appended by live updates beyond this make the page ask for a newly
 * thinned curve. */
export const regrow = 2500;

export function lastStep(c: Curve | undefined): number | undefined {
  return c?.points[c.points.length - 1]?.[0];
}

/** Adds what came after; points that are already there are not added twice. */
export function grow(old: Curve, news: Curve): Curve {
  const last = lastStep(old) ?? -Infinity;
  const fresh = news.points.filter((p) => p[0] > last);
  return fresh.length ? { total: old.total + fresh.length, points: [...old.points, ...fresh] } : old;
}

/** Exponential smoothing without the pull towards zero at the start; a missing
 * value leaves a gap and does not touch the mean. */
export function smooth(values: (number | null)[], weight: number): (number | null)[] {
  if (weight <= 0) return values;
  let mean = 0;
  let debt = 1;
  return values.map((v) => {
    if (v === null) return null;
    mean = mean * weight + v * (1 - weight);
    debt *= weight;
    return mean / (1 - debt);
  });
}

export type XAxis = "step" | "time";

export interface Drawn {
  x: number[];
  raw: (number | null)[];
  smooth: (number | null)[];
}

/** What is drawn: x in steps, or in seconds since the first point. */
export function draw(points: Point[], o: { x: XAxis; weight: number; log: boolean }): Drawn {
  const start = points[0]?.[1] ?? 0;
  const sorted = o.x === "time" ? [...points].sort((a, b) => a[1] - b[1]) : points;
  const raw = sorted.map((p) => (o.log && p[2] !== null && p[2] <= 0 ? null : p[2]));
  return { x: sorted.map((p) => (o.x === "time" ? (p[1] - start) / 1000 : p[0])), raw, smooth: smooth(raw, o.weight) };
}
