import { useMemo, useRef } from "react";
import * as client from "../api/client";
import type { ChangeRun, Curve, Review } from "../api/types";
import { looks, type Look } from "../lib/colors";
import { useData } from "../lib/data";
import { count, isSystem } from "../lib/format";
import { Overlay } from "../run/overlay";
import { Section, Trouble } from "../ui/bits";
import { curvesOf } from "./changemetrics";

/** More lines than these in one chart are not told apart. */
const runLimit = 8;
const chartLimit = 6;

type Curves = Record<string, Curve>;

export interface Compared {
  drawn: ChangeRun[];
  withCurves: number; // runs that could be drawn
  looks: Map<string, Look>; // of all runs
  charts: string[]; // metrics that have a curve
  curves: Map<string, Curves> | undefined;
  settled: boolean; // whether it is known what will be drawn
  problem: client.Problem | undefined;
  reload: () => Promise<void>;
}

const logsSteps = (r: ChangeRun) => r.metrics.some((m) => (m.step ?? 0) > 0 && !isSystem(m.key));

/** The curves of the newest runs. A metric is drawn when one of the runs has
 * more than one step of it. */
export function useCompared(runs: ChangeRun[], review: Review | undefined): Compared {
  const able = runs.filter(logsSteps);
  const drawn = able.slice(0, runLimit);
  const keys = curvesOf(drawn, review);
  const { curves, problem, reload } = useCurvesOf(drawn, [...keys].sort());
  const charts = keys.filter((k) => drawn.some((r) => isCurve(curves?.get(r.run_id)?.[k]))).slice(0, chartLimit);
  // The older of those that are drawn choose their colours first: they keep
  // them when newer ones come.
  const order = [...[...drawn].reverse(), ...runs].map((r) => r.run_id).join();
  const all = useMemo(() => looks(order.split(",")), [order]);
  return { drawn, withCurves: able.length, looks: all, charts, curves, settled: !!curves || !!problem, problem, reload };
}

const isCurve = (c: Curve | undefined) => !!c && new Set(c.points.map((p) => p[0])).size > 1;

/** The newest runs of a merge request, drawn over each other. */
export function ChangeCurves({ drawn, withCurves, looks, charts, curves, problem, reload }: Compared) {
  if (problem && !curves) return <Trouble problem={problem} retry={reload} what="The curves could not be read." />;
  if (!charts.length) return null;
  return (
    <Section title="Curves">
      <div className="charts">
        {charts.map((k) => (
          <Overlay
            key={k}
            title={k}
            lines={drawn.flatMap((r) => {
              const points = curves?.get(r.run_id)?.[k]?.points;
              return points?.length ? { id: r.run_id, name: r.name || r.run_id.slice(0, 8), look: looks.get(r.run_id)!, points } : [];
            })}
          />
        ))}
      </div>
      {withCurves > drawn.length && (
        <p className="note dim">
          The newest {drawn.length} of {count(withCurves)} runs with curves are drawn.
        </p>
      )}
    </Section>
  );
}

/** Reads the curves of some runs, again only of a run whose newest values are
 * others than those that were read. */
function useCurvesOf(runs: ChangeRun[], keys: string[]) {
  const read = useRef(new Map<string, { state: string; curves: Promise<Curves> }>());
  const states = runs.map((r) => keys.map((k) => JSON.stringify([k, r.metrics.find((m) => m.key === k)])).join());
  const { data, problem, reload } = useData(`overlay ${runs.map((r, i) => r.run_id + states[i]).join()}`, async () => {
    const all = runs.map(async (r, i) => {
      const state = states[i]!;
      let known = read.current.get(r.run_id);
      if (known?.state !== state) {
        known = { state, curves: client.curves(r.run_id, keys) };
        read.current.set(r.run_id, known);
        known.curves.catch(() => read.current.delete(r.run_id));
      }
      return [r.run_id, await known.curves] as const;
    });
    return new Map(await Promise.all(all));
  });
  const last = useRef(data); // what was read before stays until the newer is there
  if (data && runs.length) last.current = data;
  return { curves: data ?? last.current, problem, reload };
}
