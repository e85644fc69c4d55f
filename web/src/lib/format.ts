import type { Num, Pair } from "../api/types";

/** Between a value and its unit: no line may end there. */
const nbsp = "\u00a0";

/** Four significant digits; whole numbers stay whole. */
export function number(v: Num | null | undefined): string {
  if (v === undefined || v === null) return "–";
  if (v === "Infinity") return "∞";
  if (v === "-Infinity") return "−∞";
  if (typeof v !== "number" || Number.isNaN(v)) return "NaN";
  const a = Math.abs(v);
  if (Number.isInteger(v) && a < 1e9) return minus(v.toLocaleString("en-US"));
  if (a >= 1e6 || a < 1e-4) return minus(v.toExponential(3).replace("e+", "e"));
  if (a >= 999.95) return minus(Math.round(v).toLocaleString("en-US"));
  return minus(v.toPrecision(4));
}

/** What a number's tooltip says: all its digits, or why there are none. */
export function whole(v: Num | null | undefined, name = "it"): string {
  if (v === undefined || v === null) return `${name} was not logged`;
  if (v === "Infinity" || v === "-Infinity") return `infinite: the script logged ${v}`;
  return typeof v === "number" && !Number.isNaN(v) ? String(v) : "not a number: the script logged NaN";
}

/** Keeps values and units of a text together: 90.4 %, 2 m 14 s. */
export const tight = (text: string) =>
  text.replace(/(\d) (?=(?:%|points?|pp|ms|s|m|min|h|d|B|KB|MB|GB|TB)(?![\p{L}\d]))/gu, `$1${nbsp}`).replace(/(\p{L}) = (?=\d)/gu, `$1${nbsp}=${nbsp}`).replace(/([▲▼●]) (?=\S)/gu, `$1${nbsp}`);

/** Counts and steps, written the same wherever they stand. */
export const count = (n: number) => minus(n.toLocaleString("en-US"));

const minus = (s: string) => s.replaceAll("-", "−");

export function toNumber(v: Num | undefined): number {
  if (v === undefined || v === "NaN") return NaN;
  return typeof v === "number" ? v : v === "Infinity" ? Infinity : -Infinity;
}

export function size(bytes: number | undefined): string {
  if (bytes === undefined) return "–";
  let v = bytes;
  for (const unit of ["B", "KB", "MB", "GB", "TB"]) {
    if (v < 999.5 || unit === "TB") return `${unit === "B" || v >= 99.5 ? Math.round(v).toLocaleString("en-US") : v.toPrecision(2)}${nbsp}${unit}`;
    v /= 1000;
  }
  return "–";
}

export function duration(ms: number | undefined): string {
  if (ms === undefined || !(ms >= 0)) return "–";
  if (ms < 999.5) return `${Math.round(ms)}${nbsp}ms`;
  const s = ms / 1000;
  if (s < 9.95) return `${s.toFixed(1)}${nbsp}s`;
  if (s < 59.5) return `${Math.round(s)}${nbsp}s`;
  const all = Math.round(s);
  const m = Math.floor(all / 60);
  if (m < 60) return `${m}${nbsp}m${nbsp}${all % 60}${nbsp}s`;
  const h = Math.floor(m / 60);
  return h < 48 ? `${h}${nbsp}h${nbsp}${m % 60}${nbsp}m` : `${Math.floor(h / 24)}${nbsp}d${nbsp}${h % 24}${nbsp}h`;
}

export function ago(ms: number | undefined, now = Date.now()): string {
  if (!ms) return "–";
  const s = Math.round((now - ms) / 1000);
  if (s < 5) return s < -60 ? "in the future" : "just now";
  if (s < 60) return `${s}${nbsp}s ago`;
  const m = Math.floor(s / 60);
  if (m < 60) return `${m}${nbsp}min ago`;
  const h = Math.floor(m / 60);
  if (h < 48) return `${h}${nbsp}h ago`;
  const d = Math.floor(h / 24);
  return d < 60 ? `${d}${nbsp}days ago` : new Date(ms).toISOString().slice(0, 10);
}

export const exact = (ms: number | undefined) =>
  ms ? new Date(ms).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "long" }) : "no time is known";

/** Cuts in the middle, where names differ least. */
export function middle(s: string, max: number): string {
  if (s.length <= max) return s;
  const head = Math.ceil((max - 1) * 0.6);
  return `${s.slice(0, head)}…${s.slice(s.length - (max - 1 - head))}`;
}

/** Cuts in the middle what is wider than its place; both in the measure's unit. */
export function fitted(s: string, width: number, measure: (s: string) => number): string {
  if (width <= 0 || measure(s) <= width) return s;
  let [fits, not] = [3, s.length]; // characters
  while (not - fits > 1) {
    const mid = (fits + not) >> 1;
    if (measure(middle(s, mid)) <= width) fits = mid;
    else not = mid;
  }
  return middle(s, fits);
}

export const tag = (tags: Pair[] | undefined, key: string) => tags?.find((t) => t.key === key)?.value;

export const isSystem = (key: string) => key.startsWith("system/");

/** Only an address of the web may be followed: tags come from strangers. */
export function safeURL(u: string | undefined): string | undefined {
  return u && /^https?:\/\//i.test(u) ? u : undefined;
}
