/** At most this many labels fit beside a chart. */
const most = 7;

/** Round values for a log axis that need not begin or end at a power of ten:
 * of few decades the digits 1 to 9, of more the powers alone, and of less than
 * one what an ordinary axis has. */
export function logTicks(min: number, max: number): number[] {
  if (!(min > 0) || !(max > min) || !Number.isFinite(max)) return [];
  const first = Math.floor(Math.log10(min));
  const last = Math.ceil(Math.log10(max));
  for (const digits of [[1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 5], [1, 3], [1]]) {
    const found: number[] = [];
    for (let e = first; e <= last; e++) for (const d of digits) found.push(Number(`${d}e${e}`));
    const inside = found.filter((v) => v >= min && v <= max);
    if (inside.length < 3) return plainTicks(min, max);
    if (inside.length <= most) return inside;
    if (digits.length === 1) {
      const every = Math.ceil(inside.length / most);
      return inside.filter((_, i) => i % every === 0);
    }
  }
  return [];
}

/** Four or so round steps between two values. */
export function plainTicks(min: number, max: number): number[] {
  const rough = (max - min) / 4;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = size * ([1, 2, 5].find((m) => m * size >= rough) ?? 10);
  const out: number[] = [];
  for (let i = Math.ceil(min / step); i * step <= max && out.length <= most; i++) out.push(Number((i * step).toPrecision(12)));
  return out;
}

/** A log axis ends a little beyond its curve, not at the next power of ten. */
export function logRange(min: number | null, max: number | null): [number, number] {
  if (min === null || max === null || !(min > 0)) return [0.1, 1];
  if (min === max) return [min / 2, max * 2];
  const room = Math.exp(Math.log(max / min) * 0.06);
  return [min / room, max * room];
}

/** A value beside an axis: as short as it can be, grouped like all numbers. */
export function tickText(v: number): string {
  const a = Math.abs(v);
  const text = a !== 0 && (a < 1e-3 || a >= 1e6) ? v.toExponential(1).replace("e+", "e").replace(".0e", "e") : Number(v.toPrecision(6)).toLocaleString("en-US", { maximumFractionDigits: 8 });
  return text.replaceAll("-", "−");
}
