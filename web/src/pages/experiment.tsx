import { useEffect, useMemo, useRef, useState } from "react";
import * as client from "../api/client";
import { useLive } from "../api/live";
import type { Run } from "../api/types";
import { useQuery } from "../lib/address";
import { useData } from "../lib/data";
import { count, middle } from "../lib/format";
import { joinList, splitList } from "../lib/list";
import { Empty, Trouble } from "../ui/bits";
import { Shell } from "../ui/shell";
import { Chooser } from "./chooser";
import { columnLimit, columnsOf, onlyDiffering, shownColumns } from "./columns";
import { parseSort, sortRuns, sortText, toOrder, type Sort } from "./sort";
import { RunsTable } from "./runstable";

/** More changed runs than this in one batch are read again as a whole. */
const patchLimit = 20;

export function ExperimentPage({ id }: { id: string }) {
  const [query, setQuery] = useQuery();
  const filter = query.get("filter") ?? "";
  const sortParam = query.get("sort") ?? "";
  const differ = query.get("differ") === "1";
  const sort = useMemo(() => parseSort(sortParam), [sortParam]);
  const experiment = useData(`experiment ${id}`, () => client.experiment(id));
  // Only when there are more runs than the page holds must the server sort.
  const [more, setMore] = useState(false);
  const order = more ? toOrder(sort) : [];
  const runs = useData(`runs ${id} ${filter} ${order.join()}`, () => client.runs(id, filter, order));
  useEffect(() => {
    if (runs.data) setMore(runs.data.more);
  }, [runs.data]);
  useRunNews(id, runs);

  // While a filter is being corrected the last good answer stays.
  const last = useRef<client.Runs>(undefined);
  if (runs.data) last.current = runs.data;
  const shown = runs.data ?? last.current;

  const chosen = query.get("columns") ?? "";
  const all = useMemo(() => columnsOf(shown?.runs ?? []), [shown]);
  const columns = useMemo(
    () => shownColumns(differ ? onlyDiffering(all, shown?.runs ?? []) : all, splitList(chosen)),
    [all, shown, differ, chosen],
  );
  const rows = useMemo(() => sortRuns(shown?.runs ?? [], sort, all), [shown, sort, all]);
  const [choosing, setChoosing] = useState(false);
  const setSort = (s: Sort[]) => setQuery({ sort: sortText(s) }, true);
  const name = experiment.data?.name ?? "…";
  const none = shown?.runs.length === 0 && !filter; // there is nothing to act on
  return (
    <Shell at="experiments" crumbs={[{ text: "Experiments", href: "/experiments" }, { text: name }]}>
      <div className="fill">
        <div className="title">
          <h1 title={name}>{middle(name, 72)}</h1>
          <Count data={shown} />
        </div>
        {!none && (
          <div className="tools">
            <Filter value={filter} set={(v) => setQuery({ filter: v })} />
            <button type="button" aria-pressed={differ} onClick={() => setQuery({ differ: differ ? undefined : "1" })}>
              Only what differs
            </button>
            <button type="button" aria-haspopup="dialog" onClick={() => setChoosing(true)}>
              Columns
            </button>
            {columns.length < all.length && (
              <span className="dim">
                {columns.length} of {count(all.length)} columns{!chosen && columns.length === columnLimit && "; choose others under Columns"}
              </span>
            )}
          </div>
        )}
        {experiment.problem && <Trouble problem={experiment.problem} what="The experiment could not be read." />}
        {runs.problem && !experiment.problem && (
          <Trouble problem={runs.problem} retry={filter ? undefined : runs.reload} what={filter ? "The filter was not understood." : "The runs could not be read."} />
        )}
        {shown?.runs.length === 0 && (filter ? <NoMatch clear={() => setQuery({ filter: undefined })} /> : <NoRuns name={name} />)}
        {choosing && (
          <Chooser all={all} shown={columns} choose={(ids) => setQuery({ columns: ids && joinList(ids.length ? ids : ["name"]) }, true)} close={() => setChoosing(false)} />
        )}
        {rows.length > 0 && <RunsTable rows={rows} columns={columns} sort={sort} setSort={setSort} />}
      </div>
    </Shell>
  );
}

/** Brings news of runs into what is shown, one run at a time. */
function useRunNews(id: string, runs: ReturnType<typeof useData<client.Runs>>) {
  useLive((news) => {
    if (news === "again") return runs.reload();
    const changed = new Set<string>();
    for (const n of news) {
      if (n.experiment !== id) continue;
      if (!n.run) return runs.reload();
      changed.add(n.run);
    }
    if (changed.size > patchLimit) return runs.reload();
    const known = new Set(runs.data?.runs.map((r) => r.info.run_id));
    if ([...changed].some((r) => !known.has(r))) return runs.reload();
    for (const r of changed) {
      client.run(r).then(
        (fresh) => fresh.info.lifecycle_stage === "deleted" ? runs.reload() : runs.set((old) => ({ ...old, runs: old.runs.map((o) => (o.info.run_id === r ? fresh : o)) })),
        () => runs.reload(), // it may be gone: the list knows
      );
    }
  });
}

function Count({ data }: { data: client.Runs | undefined }) {
  if (!data) return null;
  const running = data.runs.filter((r: Run) => r.info.status === "RUNNING").length;
  return (
    <span className="count">
      {data.more ? `the first ${count(data.runs.length)} runs; narrow them with the filter` : count(data.runs.length) + (data.runs.length === 1 ? " run" : " runs")}
      {running > 0 && `, ${running} running`}
    </span>
  );
}

function Filter({ value, set }: { value: string; set: (v: string) => void }) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  return (
    <form
      className="filter"
      onSubmit={(e) => {
        e.preventDefault();
        set(text.trim());
      }}
    >
      <input
        type="search"
        aria-label="Filter runs"
        placeholder={`metrics.accuracy > 0.9 and params.optimizer = "adam"`}
        value={text}
        spellCheck={false}
        onChange={(e) => {
          setText(e.target.value);
          if (e.target.value === "") set("");
        }}
      />
      <button>Filter</button>
    </form>
  );
}

const NoMatch = ({ clear }: { clear: () => void }) => (
  <div className="empty">
    <h2>No run matches the filter</h2>
    <p>
      <button type="button" onClick={clear}>
        Show all runs
      </button>
    </p>
  </div>
);

const NoRuns = ({ name }: { name: string }) => (
  <Empty
    title="No runs yet"
    commands={[
      `export MLFLOW_TRACKING_URI=${window.location.origin}`,
      `export MLFLOW_EXPERIMENT_NAME='${name.replaceAll("'", `'\\''`)}'`,
      "assay run -- python train.py",
    ]}
  >
    A run is one execution with its parameters, metrics and files. Start one:
  </Empty>
);
