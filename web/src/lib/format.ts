import type { Num, Pair } from "../api/types";

/** Four significant digits; whole numbers stay whole. */
export function number(v: Num | null | undefined): string {
  if (v === undefined || v === null) return "–";
  if (v === "Infinity") return "∞";
  if (v === "-Infinity") return "−∞";
  if (typeof v !== "number" || Number.isNaN(v)) return "NaN";
  const a = Math.abs(v);
  if (Number.isInteger(v) && a < 1e9) return minus(v.toLocaleString("en-US"));
  if (a >= 1e6 || a < 1e-4) return minus(v.toExponential(3).replace("e+", "e"));
  if (a >= 1e4) return minus(Math.round(v).toLocaleString("en-US"));
  return minus(v.toPrecision(4));
}

const minus = (s: string) => s.replace("-", "−");

export function toNumber(v: Num | undefined): number {
  if (v === undefined || v === "NaN") return NaN;
  return typeof v === "number" ? v : v === "Infinity" ? Infinity : -Infinity;
}

export function size(bytes: number | undefined): string {
  if (bytes === undefined) return "–";
  let v = bytes;
  for (const unit of ["B", "KB", "MB", "GB", "TB"]) {
    if (v < 1000 || unit === "TB") return `${unit === "B" || v >= 100 ? Math.round(v) : v.toPrecision(2)} ${unit}`;
    v /= 1000;
  }
  return "–";
}

export function duration(ms: number | undefined): string {
  if (ms === undefined || !(ms >= 0)) return "–";
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const s = ms / 1000;
  if (s < 10) return `${s.toFixed(1)} s`;
  if (s < 60) return `${Math.round(s)} s`;
  const m = Math.floor(s / 60);
  if (m < 60) return `${m} m ${Math.floor(s % 60)} s`;
  const h = Math.floor(m / 60);
  return h < 48 ? `${h} h ${m % 60} m` : `${Math.floor(h / 24)} d ${h % 24} h`;
}

export function ago(ms: number | undefined, now = Date.now()): string {
  if (!ms) return "–";
  const s = Math.round((now - ms) / 1000);
  if (s < 5) return s < -60 ? "in the future" : "just now";
  if (s < 60) return `${s} s ago`;
  const m = Math.floor(s / 60);
  if (m < 60) return `${m} min ago`;
  const h = Math.floor(m / 60);
  if (h < 48) return `${h} h ago`;
  const d = Math.floor(h / 24);
  return d < 60 ? `${d} days ago` : new Date(ms).toISOString().slice(0, 10);
}

export const exact = (ms: number | undefined) =>
  ms ? new Date(ms).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "long" }) : "no time is known";

/** Cuts in the middle, where names differ least. */
export function middle(s: string, max: number): string {
  if (s.length <= max) return s;
  const head = Math.ceil((max - 1) * 0.6);
  return `${s.slice(0, head)}…${s.slice(s.length - (max - 1 - head))}`;
}

export const tag = (tags: Pair[] | undefined, key: string) => tags?.find((t) => t.key === key)?.value;

export const isSystem = (key: string) => key.startsWith("system/");

/** Only an address of the web may be followed: tags come from strangers. */
export function safeURL(u: string | undefined): string | undefined {
  return u && /^https?:\/\//i.test(u) ? u : undefined;
}
