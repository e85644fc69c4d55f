import { useMemo, useRef } from "react";
import * as client from "../api/client";
import type { ChangeRun, Curve } from "../api/types";
import { looks } from "../lib/colors";
import { useData } from "../lib/data";
import { Overlay } from "../run/overlay";
import { Section } from "../ui/bits";

/** More lines than these in one chart are not told apart. */
const runLimit = 8;
const chartLimit = 4;

type Curves = Record<string, Curve>;

/** The newest runs of a merge request, drawn over each other. */
export function ChangeCurves({ runs, keys }: { runs: ChangeRun[]; keys: string[] }) {
  const drawn = runs.filter((r) => keys.some((k) => hasSteps(r, k))).slice(0, runLimit);
  const charts = keys.filter((k) => drawn.some((r) => hasSteps(r, k))).slice(0, chartLimit);
  const all = useMemo(() => looks(runs.map((r) => r.run_id)), [runs]);
  const curves = useCurvesOf(drawn, charts);
  if (!charts.length) return null;
  return (
    <Section title="Curves">
      <div className="charts">
        {charts.map((k) => (
          <Overlay
            key={k}
            title={k}
            lines={drawn.map((r) => ({ id: r.run_id, name: r.name, look: all.get(r.run_id)!, points: curves?.get(r.run_id)?.[k]?.points ?? [] }))}
          />
        ))}
      </div>
      {runs.length > drawn.length && <p className="note dim">The newest {drawn.length} runs that log by step are drawn.</p>}
    </Section>
  );
}

const hasSteps = (r: ChangeRun, key: string) => r.metrics.some((m) => m.key === key && (m.step ?? 0) > 0);

/** Reads the curves of some runs, again only of a run whose newest values are
 * others than those that were read. */
function useCurvesOf(runs: ChangeRun[], keys: string[]): Map<string, Curves> | undefined {
  const read = useRef(new Map<string, { state: string; curves: Promise<Curves> }>());
  const states = runs.map((r) => keys.map((k) => JSON.stringify([k, r.metrics.find((m) => m.key === k)])).join());
  const { data } = useData(`overlay ${runs.map((r, i) => r.run_id + states[i]).join()}`, async () => {
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
  if (data) last.current = data;
  return last.current;
}
