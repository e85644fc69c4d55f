import type { ReactNode } from "react";
import type { Num, Run } from "../api/types";
import { duration, exact, isSystem, middle, number, tag, toNumber, whole } from "../lib/format";
import { Fit, Missing, Status, StatusMark, Swatch, Time } from "../ui/bits";

export interface Column {
  id: string; // what the address and the sort say: name, status, …, m:KEY, p:KEY
  title: string;
  full: string; // for the tooltip
  width: number; // pixels
  right?: boolean;
  /** What is sorted by; undefined goes last in either direction. */
  sortBy: (r: Run) => string | number | undefined;
  cell: (r: Run) => ReactNode;
  hint?: (r: Run) => string | undefined;
}

const running = (r: Run) => (r.info.status === "RUNNING" && r.info.start_time ? Date.now() - r.info.start_time : undefined);

const took = (r: Run) => (r.info.end_time && r.info.start_time ? r.info.end_time - r.info.start_time : running(r));

const noEnd = "nobody said when it ended";

export function Duration({ run }: { run: Run }) {
  const ms = took(run);
  return ms === undefined ? <Missing why={noEnd} /> : <span className="num">{duration(ms)}</span>;
}

const commit = (r: Run) => tag(r.data?.tags, "mlflow.source.git.commit");

const nameColumn: Column = {
  id: "name",
  title: "Run",
  full: "the run's name",
  width: 206,
  sortBy: (r) => r.info.run_name ?? r.info.run_id,
  cell: (r) => (
    <>
      <StatusMark value={r.info.status} />
      <Swatch run={r.info.run_id} /> <Fit text={r.info.run_name || r.info.run_id.slice(0, 8)} />
    </>
  ),
  hint: (r) => `${r.info.run_name ?? ""} ${r.info.run_id}, ${r.info.status.toLowerCase()}`,
};

const ownColumns: Column[] = [
  { id: "status", title: "Status", full: "the run's status", width: 100, sortBy: (r) => r.info.status, cell: (r) => <Status value={r.info.status} /> },
  { id: "start", title: "Started", full: "when it started", width: 104, sortBy: (r) => r.info.start_time, cell: (r) => <Time at={r.info.start_time} />, hint: (r) => exact(r.info.start_time) },
  { id: "duration", title: "Duration", full: "how long it took", width: 96, right: true, sortBy: took, cell: (r) => duration(took(r)), hint: (r) => (took(r) === undefined ? noEnd : undefined) },
  { id: "commit", title: "Commit", full: "the Git commit", width: 92, sortBy: commit, cell: (r) => <span className="mono">{commit(r)?.slice(0, 8) ?? "–"}</span>, hint: (r) => commit(r) ?? "no commit is known" },
];

/** The width of a column from its title and the longest of its first values. */
function width(title: string, longest: number, min: number) {
  return Math.round(Math.min(220, Math.max(min, title.length * 7.6 + 44, longest * 8.2 + 26)));
}

/** Beyond this, cells are more than a page can draw at once. */
export const columnLimit = 120;

/** How many metrics stand beside the name, before all else. */
const mainMetrics = 3;

/** All columns of what the runs hold: the metrics that most runs have, when and
 * from what they were made, the other metrics, the params. The machine's own
 * metrics are left to the run's page. */
export function columnsOf(runs: Run[]): Column[] {
  const metrics = new Map<string, number>();
  const params = new Map<string, number>();
  for (const r of runs) {
    for (const m of r.data?.metrics ?? []) if (!isSystem(m.key)) metrics.set(m.key, (metrics.get(m.key) ?? 0) + 1);
    for (const p of r.data?.params ?? []) params.set(p.key, Math.max(params.get(p.key) ?? 0, Math.min(p.value.length, 28)));
  }
  const names = [...metrics.keys()].sort();
  const main = [...names].sort((a, b) => metrics.get(b)! - metrics.get(a)!).slice(0, mainMetrics);
  return [
    nameColumn,
    ...main.map(metricColumn),
    ...ownColumns,
    ...names.filter((n) => !main.includes(n)).map(metricColumn),
    ...[...params].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, longest]) => paramColumn(key, longest, metrics.has(key))),
  ];
}

/** Which of all columns are drawn: those that were chosen, in the order in which
 * they were, or else the first, as many as can be drawn. The name always is. */
export function shownColumns(all: Column[], chosen: string[]): Column[] {
  if (!chosen.length) return all.slice(0, columnLimit);
  const byId = new Map(all.map((c) => [c.id, c]));
  return ["name", ...chosen.filter((id) => id !== "name")].flatMap((id) => byId.get(id) ?? []).slice(0, columnLimit);
}

/** A run's metrics by name, made once a run: a table asks for each of many. */
const byKey = new WeakMap<Run, Map<string, Num>>();

function metric(r: Run, key: string): Num | undefined {
  let all = byKey.get(r);
  if (!all) byKey.set(r, (all = new Map(r.data?.metrics?.map((m) => [m.key, m.value]))));
  return all.get(key);
}

function metricColumn(key: string): Column {
  return {
    id: `m:${key}`,
    title: middle(key, 26),
    full: `metric ${key}, newest value`,
    width: width(key, 0, 108),
    right: true,
    sortBy: (r) => {
      const v = toNumber(metric(r, key));
      return Number.isNaN(v) ? undefined : v;
    },
    cell: (r) => number(metric(r, key)),
    hint: (r) => whole(metric(r, key), key),
  };
}

/** A name that a metric has as well is told apart in the header. */
function paramColumn(key: string, longest: number, twice: boolean): Column {
  const value = (r: Run) => r.data?.params?.find((p) => p.key === key)?.value;
  return {
    id: `p:${key}`,
    title: middle(key, 26) + (twice ? " (param)" : ""),
    full: `parameter ${key}`,
    width: width(twice ? key + " (param)" : key, longest, 84),
    sortBy: (r) => {
      const v = value(r);
      return v !== undefined && v !== "" && !Number.isNaN(Number(v)) ? Number(v) : v;
    },
    cell: (r) => middle(value(r) ?? "–", 28),
    hint: (r) => value(r) ?? `${key} was not set`,
  };
}

/** Leaves out parameters that are equal in all runs. */
export function onlyDiffering(columns: Column[], runs: Run[]): Column[] {
  if (runs.length < 2) return columns;
  return columns.filter((c) => !c.id.startsWith("p:") || new Set(runs.map((r) => c.sortBy(r))).size > 1);
}
