import type { ChangeRun, Review } from "../api/types";

/** Metrics beyond these are left to the runs' own pages. */
const limit = 8;

/** What a merge request's runs are compared by: the metrics of which the newest
 * report speaks, those that decide first; without a report, or where the runs
 * log other names, those that most runs have. */
export function metricsOf(runs: ChangeRun[], review: Review | undefined): string[] {
  const counts = new Map<string, number>();
  for (const r of runs) for (const m of r.metrics) counts.set(m.key, (counts.get(m.key) ?? 0) + 1);
  const spoken = (review?.document?.table?.metrics ?? [])
    .filter((m) => counts.has(m.name))
    .sort((a, b) => Number(!!b.decides) - Number(!!a.decides))
    .map((m) => m.name);
  if (spoken.length) return spoken.slice(0, limit);
  return [...counts]
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .slice(0, limit)
    .map(([key]) => key);
}
