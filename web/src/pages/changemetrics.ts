import type { ChangeRun, Review } from "../api/types";
import { isSystem } from "../lib/format";

/** Metrics beyond these are left to the runs' own pages. */
const columnLimit = 5;

/** Histories are asked for of no more metrics than these. */
const curveLimit = 24;

const runsBy = (runs: ChangeRun[]) => {
  const counts = new Map<string, number>();
  for (const r of runs) for (const m of r.metrics) if (!isSystem(m.key)) counts.set(m.key, (counts.get(m.key) ?? 0) + 1);
  return counts;
};

/** The metrics of a report's table, those that decide first. */
const tabled = (review: Review | undefined): string[] =>
  [...(review?.document?.table?.metrics ?? [])].sort((a, b) => Number(!!b.decides) - Number(!!a.decides)).map((m) => m.name);

/** What may be names of metrics in a report's headline and gates: all that is
 * known of a report that was kept without its table. */
function named(review: Review | undefined): string[] {
  const text = [review?.headline ?? "", ...(review?.gates ?? []).map((g) => g.name)].join("\n");
  return [...new Set(text.match(/[\p{L}_][\p{L}\p{N}_./-]*/gu) ?? [])];
}

/** What a merge request's runs are compared by: the metrics of the newest
 * report's table; without one, or where the runs log other names, those that
 * its headline names, and those that most runs have. */
export function metricsOf(runs: ChangeRun[], review: Review | undefined): string[] {
  const counts = runsBy(runs);
  const spoken = tabled(review).filter((name) => counts.has(name));
  if (spoken.length) return spoken.slice(0, columnLimit);
  const common = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).map(([key]) => key);
  return [...new Set([...named(review).filter((name) => counts.has(name)), ...common])].slice(0, columnLimit);
}

/** Metrics that may have a curve, those first of which the report speaks: by
 * its own name, or, as scripts call what they log while they train, with a word
 * before it (val_accuracy is a curve of accuracy; so is train_accuracy, which
 * says less). */
export function curvesOf(runs: ChangeRun[], review: Review | undefined): string[] {
  const counts = runsBy(runs.map((r) => ({ ...r, metrics: r.metrics.filter((m) => (m.step ?? 0) > 0) })));
  const spoken = tabled(review).length ? tabled(review) : named(review);
  const rank = (key: string) => {
    const words = key.toLowerCase().split(/[^\p{L}\p{N}]+/u);
    const at = spoken.findIndex((name) => name === key || words.at(-1) === name.toLowerCase());
    return 2 * (at < 0 ? spoken.length : at) + Number(words.some((w) => w.startsWith("train")));
  };
  return [...counts]
    .sort(([a, n], [b, m]) => rank(a) - rank(b) || m - n || (a < b ? -1 : 1))
    .slice(0, curveLimit)
    .map(([key]) => key);
}
