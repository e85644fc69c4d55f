import type { Curve, Point } from "../api/types";

/** Points appended by live updates beyond this make the page ask for a newly
 * thinned curve. */
export const regrow = 2500;

export function lastStep(c: Curve | undefined): number | undefined {
  return c?.points[c.points.length - 1]?.[0];
}

/** Behind which step to ask for news: the last one is asked for again, because
 * more values of it may have come. Undefined: all must be read again. */
export function askAfter(c: Curve | undefined): number | undefined {
  const last = lastStep(c);
  return last !== undefined && Number.isSafeInteger(last - 1) ? last - 1 : undefined;
}

/** Puts news, which begin at the last step that is known, in place of that
 * step. Undefined if the counts disagree: values came that belong further
 * left, or some were thinned out, and all must be read again. */
export function grow(old: Curve, news: Curve): Curve | undefined {
  const last = lastStep(old);
  if (last === undefined) return news.total === news.points.length ? news : undefined;
  let keep = old.points.length;
  while (keep > 0 && old.points[keep - 1]![0] >= last) keep--;
  const points = [...old.points.slice(0, keep), ...news.points];
  const added = points.length - old.points.length;
  if (added !== news.total - old.total) return undefined;
  return added ? { total: news.total, points } : old;
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

/** The range that shows nearly all values, where a few lie so far away that the
 * others would be one flat line; undefined where none do. */
export function clip(values: number[]): { min: number; max: number; outside: number } | undefined {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  if (sorted.length < 20) return undefined;
  const low = sorted[Math.floor(sorted.length * 0.05)]!;
  const high = sorted[Math.ceil(sorted.length * 0.95) - 1]!;
  const far = 10 * (high - low);
  if (far === 0) return undefined;
  const inside = sorted.filter((v) => v >= low - far && v <= high + far);
  const outside = sorted.length - inside.length;
  return outside ? { min: inside[0]!, max: inside[inside.length - 1]!, outside } : undefined;
}

export type Values = ArrayLike<number | null | undefined>;

/** Places of the values that no line shows, because there is nothing on either
 * side to lead to. Null ends a line; undefined is passed over, as it is where
 * several runs share one axis. */
export function isolated(values: Values): number[] {
  const out: number[] = [];
  let before: number | null = null; // the value before the place, null: none
  let open: number | undefined; // a place that had nothing before it
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (v === undefined) continue;
    if (v === null) {
      if (open !== undefined) out.push(open);
      open = undefined;
    } else open = before === null ? i : undefined;
    before = v;
  }
  if (open !== undefined) out.push(open);
  return out;
}

/** Places of the values that have no place in the picture: NaN, and on a log
 * axis what is not above zero. */
export function unseen(values: Values): number[] {
  const out: number[] = [];
  for (let i = 0; i < values.length; i++) if (values[i] === null) out.push(i);
  return out;
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
