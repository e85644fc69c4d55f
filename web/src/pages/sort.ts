import type { Run } from "../api/types";
import { joinList, splitList } from "../lib/list";
import type { Column } from "./columns";

export interface Sort {
  id: string;
  down: boolean;
}

const standard: Sort[] = [{ id: "start", down: true }];

/** Reads `-m:accuracy,p:lr`; commas in names are encoded. */
export function parseSort(text: string): Sort[] {
  if (!text) return standard;
  return splitList(text).map((s) => ({ id: s.replace(/^-/, ""), down: s.startsWith("-") }));
}

export const sortText = (sort: Sort[]) => joinList(sort.map((s) => (s.down ? "-" : "") + s.id));

/** A click: numbers and times go largest first, then back; shift adds. */
export function clicked(sort: Sort[], column: Column, add: boolean): Sort[] {
  const largestFirst = column.right || column.id === "start";
  const old = sort.find((s) => s.id === column.id);
  const next: Sort = { id: column.id, down: old ? !old.down : !!largestFirst };
  if (!add) return [next];
  return old ? sort.map((s) => (s === old ? next : s)) : [...sort, next];
}

export function sortRuns(runs: Run[], sort: Sort[], columns: Column[]): Run[] {
  const by = sort.flatMap((s) => {
    const column = columns.find((c) => c.id === s.id);
    // Values are looked up once a run, not once a comparison.
    return column ? [{ values: new Map(runs.map((r) => [r, column.sortBy(r)])), down: s.down }] : [];
  });
  return [...runs].sort((a, b) => {
    for (const { values, down } of by) {
      const c = compare(values.get(a), values.get(b), down);
      if (c) return c;
    }
    return a.info.run_id < b.info.run_id ? -1 : 1;
  });
}

type Value = string | number | undefined;

function compare(a: Value, b: Value, down: boolean): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? 1 : -1;
  let c: number;
  if (typeof a === "number" && typeof b === "number") c = a - b;
  else if (typeof a === "number") c = -1;
  else if (typeof b === "number") c = 1;
  else c = a < b ? -1 : a > b ? 1 : 0;
  return down ? -c : c;
}

const attributes: Record<string, string> = { name: "attributes.run_name", status: "attributes.status", start: "attributes.start_time" };

/** The same order in MLflow's words, for what the server can sort by. */
export function toOrder(sort: Sort[]): string[] {
  return sort.flatMap((s) => {
    const name = s.id.slice(2).replaceAll("`", "");
    const field =
      attributes[s.id] ??
      (s.id.startsWith("m:") ? `metrics.\`${name}\`` : s.id.startsWith("p:") ? `params.\`${name}\`` : s.id === "commit" ? "tags.`mlflow.source.git.commit`" : undefined);
    return field ? [`${field} ${s.down ? "DESC" : "ASC"}`] : [];
  });
}
