import { useEffect, useState } from "react";
import { Link } from "wouter";
import type { ChangeRun, Review } from "../api/types";
import { to } from "../lib/address";
import { duration, middle } from "../lib/format";
import type { Look } from "../lib/colors";
import { Digest, Fit, Missing, StatusMark, Swatch, Time, Value, Verdict } from "../ui/bits";

interface Props {
  runs: ChangeRun[];
  reviews: Review[]; // newest first
  keys: string[]; // metrics that have a column
  looks: Map<string, Look>;
}

/** The runs of a merge request by time, whatever experiment they are in. */
export function ChangeRuns({ runs, reviews, keys, looks }: Props) {
  useTick(runs.some((r) => r.status === "RUNNING"));
  const verdicts = new Map<string, string>();
  const baselines = new Set<string>();
  for (const r of reviews) {
    if (r.run_id && !verdicts.has(r.run_id)) verdicts.set(r.run_id, r.verdict); // the newest stands
    if (r.baseline_run_id) baselines.add(r.baseline_run_id);
  }
  const several = new Set(runs.map((r) => r.experiment_id)).size > 1;
  return (
    <div className="scroll-x" tabIndex={0} role="region" aria-label="Runs">
      <table className="plain-table grid change-runs">
        <thead>
          <tr>
            <th scope="col">Run</th>
            <th scope="col">Verdict</th>
            {keys.map((k) => (
              <th key={k} scope="col" className="right" title={k}>
                {middle(k, 18)}
              </th>
            ))}
            <th scope="col">Started</th>
            <th scope="col" className="right">
              Duration
            </th>
            <th scope="col">Commit</th>
            {several && <th scope="col">Experiment</th>}
          </tr>
        </thead>
        <tbody>
          {runs.map((r) => (
            <tr key={r.run_id}>
              <th scope="row" title={`${r.name} ${r.run_id}, ${r.status.toLowerCase()}`}>
                <span className="named">
                  <StatusMark value={r.status} />
                  <span className="sr">{r.status.toLowerCase()} </span>
                  <Swatch run={r.run_id} look={looks.get(r.run_id)} />
                  <Link href={to("runs", r.run_id)}>
                    <Fit text={r.name || r.run_id.slice(0, 8)} />
                  </Link>
                </span>
              </th>
              <td>
                {verdicts.has(r.run_id) && <Verdict value={verdicts.get(r.run_id)!} />}
                {baselines.has(r.run_id) && <span title="a report compared with this run"> ★ baseline</span>}
                {!verdicts.has(r.run_id) && !baselines.has(r.run_id) && <Missing why="no report speaks of this run" />}
              </td>
              {keys.map((k) => (
                <td key={k} className="right num">
                  <Value v={r.metrics.find((m) => m.key === k)?.value} name={k} />
                </td>
              ))}
              <td className="dim">
                <Time at={r.start_time} />
              </td>
              <td className="right num">
                <Took run={r} />
              </td>
              <td>
                <Digest value={r.commit} what="commit" />
              </td>
              {several && (
                <td title={r.experiment}>
                  <Link href={to("experiments", r.experiment_id)}>{middle(r.experiment, 24)}</Link>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Took({ run: r }: { run: ChangeRun }) {
  if (r.end_time) return duration(r.end_time - r.start_time);
  if (r.status === "RUNNING") return duration(Date.now() - r.start_time);
  return <Missing why="nobody said when it ended" />;
}

/** Draws again now and then, while durations grow or times grow old. */
function useTick(often: boolean) {
  const [, tick] = useState(0);
  useEffect(() => {
    const t = window.setInterval(() => tick((n) => n + 1), often ? 1000 : 30_000);
    return () => window.clearInterval(t);
  }, [often]);
}
