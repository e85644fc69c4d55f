import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import * as client from "../api/client";
import { concerns } from "../api/line";
import { useLive } from "../api/live";
import type { Curve, Run } from "../api/types";
import { useQuery } from "../lib/address";
import { colorOf } from "../lib/colors";
import { useData } from "../lib/data";
import { turns } from "../lib/turns";
import { count, duration, isSystem, middle, number, whole } from "../lib/format";
import { Empty, Trouble } from "../ui/bits";
import { Chart } from "./chart";
import { askAfter, draw, grow, regrow, unseen, type Drawn, type XAxis } from "./series";

/** Curves of the run's metrics; the machine's own stand apart, folded. */
export function CurvesTab({ run }: { run: Run }) {
  const [query, setQuery] = useQuery();
  const keys = useKeysOf(run);
  const main = keys.filter((k) => !isSystem(k));
  const system = keys.filter(isSystem);
  const look: Look = {
    x: query.get("x") === "time" ? "time" : "step",
    log: query.get("log") === "1",
    weight: Math.min(0.99, Math.max(0, Number(query.get("smooth")) || 0)),
  };
  const showSystem = query.get("system") === "1";
  if (!keys.length)
    return (
      <Empty title="No curves yet" commands={[`mlflow.log_metric("loss", loss, step=step)`]}>
        A metric that is logged with a step becomes a curve, while the script runs:
      </Empty>
    );
  return (
    <>
      <Controls look={look} set={setQuery} />
      {main.length > 0 && <Charts run={run} keys={main} look={look} />}
      {system.length > 0 && (
        <section>
          <button type="button" aria-expanded={showSystem} onClick={() => setQuery({ system: showSystem ? undefined : "1" }, true)}>
            {showSystem ? "Hide" : "Show"} the machine's own ({system.length})
          </button>
          {showSystem && <Charts run={run} keys={system} look={look} />}
        </section>
      )}
    </>
  );
}

/** The same array while the keys are the same, however often the run is read. */
function useKeysOf(run: Run): string[] {
  const text = JSON.stringify((run.data?.metrics ?? []).map((m) => m.key).sort());
  return useMemo(() => JSON.parse(text) as string[], [text]);
}

interface Look {
  x: XAxis;
  log: boolean;
  weight: number;
}

function Controls({ look, set }: { look: Look; set: ReturnType<typeof useQuery>[1] }) {
  return (
    <div className="tools">
      <label className="inline">
        Smoothing
        <input
          type="range"
          min="0"
          max="0.99"
          step="0.01"
          value={look.weight}
          onChange={(e) => set({ smooth: e.target.value === "0" ? undefined : e.target.value }, true)}
        />
        <output className="num">{look.weight.toFixed(2)}</output>
      </label>
      <button type="button" aria-pressed={look.log} onClick={() => set({ log: look.log ? undefined : "1" }, true)}>
        Log axis
      </button>
      <div className="segments" role="group" aria-label="Horizontal axis">
        {(["step", "time"] as const).map((x) => (
          <button key={x} type="button" aria-pressed={look.x === x} onClick={() => set({ x: x === "step" ? undefined : x }, true)}>
            {x}
          </button>
        ))}
      </div>
      <span className="dim hint">Drag zooms, double click resets.</span>
    </div>
  );
}

function Charts({ run, keys, look }: { run: Run; keys: string[]; look: Look }) {
  const id = run.info.run_id;
  const { data, problem, reload } = useCurves(id, run.info.experiment_id, keys);
  return (
    <>
      {problem && <Trouble problem={problem} retry={reload} what="The curves could not be read." />}
      <div className="charts">
        {keys.map((k) => (
          <One key={k} name={k} curve={data?.[k]} look={look} sync={id} />
        ))}
      </div>
    </>
  );
}

/** Loads the curves once and lets them grow with what comes after. */
function useCurves(id: string, experiment: string, keys: string[]) {
  const loaded = useData(`curves ${id} ${keys.join("\n")}`, () => client.curves(id, keys));
  const update = useRef<() => Promise<void>>(undefined);
  update.current = async () => {
    const { data, reload, set } = loaded;
    const steps = keys.map((k) => askAfter(data?.[k]));
    if (!data || steps.some((s) => s === undefined) || keys.some((k) => (data[k]?.points.length ?? 0) > regrow)) return reload();
    const fresh = await client.curves(id, keys, steps as number[]);
    const grown = keys.map((k) => [k, data[k] && fresh[k] && grow(data[k], fresh[k])] as const);
    if (grown.some(([, c]) => !c)) return reload();
    set(() => Object.fromEntries(grown) as Record<string, Curve>);
  };
  // One question at a time: news that come while one is asked are asked for after it.
  const [next] = useState(() => turns(() => update.current?.() ?? Promise.resolve()));
  useLive((news) => {
    if (news === "again") void loaded.reload();
    else if (concerns(news, id, experiment)) next();
  });
  return loaded;
}

function One({ name, curve, look, sync }: { name: string; curve: Curve | undefined; look: Look; sync: string }) {
  const { x, log, weight } = look;
  const drawn = useMemo(() => draw(curve?.points ?? [], { x, log, weight }), [curve, x, log, weight]);
  const [at, setAt] = useState<number | null>(null);
  const cursor = useCallback((i: number | null) => setAt(i), []);
  useEffect(() => setAt(null), [x, log]);
  const index = at ?? drawn.raw.length - 1;
  const value = drawn.raw[index];
  const where = drawn.x[index];
  const smoothed = weight > 0 && drawn.raw.filter((v) => v !== null).length > 1;
  const notes = notesOf(curve, drawn, log);
  return (
    <figure className="chart">
      <figcaption>
        <span className="strong cut" title={name}>
          {middle(name, 40)}
        </span>
        {curve && (
          <span className="num" title={value === null ? "not a number, or infinite: a line cannot show it" : whole(value, name)}>
            {value === null ? (log ? "not above 0, or NaN" : "NaN") : number(value)}
            {smoothed && value !== null && <span className="dim"> ~ {number(drawn.smooth[index])}</span>}
            {where !== undefined && <span className="dim"> {x === "step" ? `step ${count(where)}` : where > 0 ? `after ${duration(where * 1000)}` : "at the start"}</span>}
          </span>
        )}
      </figcaption>
      {curve ? <Chart title={name} data={drawn} x={x} log={log} smoothed={weight > 0} color={colorOf(sync)} sync={sync} cursor={cursor} /> : <div className="plot" />}
      <p className="note dim cut" title={notes.join("; ") || undefined}>
        {notes.join("; ")}
      </p>
    </figure>
  );
}

/** What a chart does not show, in words that fit one line. */
function notesOf(curve: Curve | undefined, drawn: Drawn, log: boolean): string[] {
  if (!curve) return [];
  const notes: string[] = [];
  const missing = unseen(drawn.raw).length;
  if (missing) notes.push(`× ${count(missing)} ${log ? "not above 0, or NaN" : "NaN"}`);
  if (curve.total > curve.points.length) notes.push(`${count(curve.points.length)} of ${count(curve.total)} points are drawn, extremes kept`);
  return notes;
}
