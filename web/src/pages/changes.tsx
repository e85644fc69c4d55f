import { useState } from "react";
import { Link } from "wouter";
import * as client from "../api/client";
import { useLive } from "../api/live";
import type { ChangeSummary } from "../api/types";
import { to } from "../lib/address";
import { useData } from "../lib/data";
import { count, middle, tight } from "../lib/format";
import { turns } from "../lib/turns";
import { Empty, Missing, Time, Trouble, Verdict } from "../ui/bits";
import { useRowKeys } from "../ui/keys";
import { Shell } from "../ui/shell";

/** The list is asked for at most this often, however much happens. */
const pause = 3000; // ms

export function ChangesPage() {
  const { data, problem, reload } = useData("changes", () => client.changes());
  const [older, setOlder] = useState<{ changes: ChangeSummary[]; next?: string }>();
  useRowKeys();
  const [again] = useState(() => turns(reload, pause));
  useLive((news) => {
    if (news === "again" || news.some((n) => n.kind === "review" || n.kind === "run")) again();
  });
  const seen = new Set(data?.changes.map(nameOf));
  const all = [...(data?.changes ?? []), ...(older?.changes.filter((c) => !seen.has(nameOf(c))) ?? [])];
  const next = older ? older.next : data?.next;
  const more = () =>
    void client.changes(next).then((page) => setOlder({ changes: [...(older?.changes ?? []), ...page.changes], next: page.next }), () => undefined);
  return (
    <Shell at="changes" crumbs={[{ text: "Merge requests" }]}>
      <h1>Merge requests {data && <span className="count">{next ? `the newest ${all.length}` : all.length}</span>}</h1>
      {problem && <Trouble problem={problem} retry={reload} what="The merge requests could not be read." />}
      {data?.changes.length === 0 && (
        <Empty title="No merge requests yet" commands={[`export MLFLOW_TRACKING_URI=${window.location.origin}`, "assay run -- python train.py", "assay report"]}>
          A merge request appears with the first run that its pipeline starts, and every report of it is kept: verdict, gates, runs. In the pipeline:
        </Empty>
      )}
      {all.length > 0 && (
        <div className="list cols-changes">
          <div className="head" aria-hidden="true">
            <span>Merge request</span>
            <span>Verdict</span>
            <span>Newest report</span>
            <span className="right">Runs</span>
            <span className="right">Reports</span>
            <span>Last</span>
          </div>
          {all.map((c) => (
            <Row key={nameOf(c)} change={c} />
          ))}
        </div>
      )}
      {next && (
        <p className="under-list">
          <button type="button" onClick={more}>
            Show older
          </button>
        </p>
      )}
    </Shell>
  );
}

const nameOf = ({ change: c }: ChangeSummary) => `${c.project}!${c.number}`;

function Row({ change }: { change: ChangeSummary }) {
  const { change: c, newest, reviews, runs, running, at } = change;
  return (
    <Link href={to("changes", c.project, c.number)} className="row">
      <span className="named" title={`${c.title ?? ""} ${nameOf(change)}`.trim()}>
        {c.title && <span className="strong cut">{c.title} </span>}
        <span className={c.title ? "dim" : "strong"}>{middle(nameOf(change), 44)}</span>
      </span>
      {newest ? <Verdict value={newest.verdict} /> : <Missing why="nothing has been reported yet" />}
      <span className="cut" title={newest?.headline}>
        {newest ? tight(newest.headline.replace(/^[▲▼●?✖]\s*/u, "")) : <span className="dim">no report yet</span>}
      </span>
      <span className="num right">
        {running > 0 && (
          <span className="status s-running" title={`${running} running`}>
            <span className="mark" aria-label={`${running} running`}>
              ●
            </span>
          </span>
        )}
        {count(runs)}
        <span className="unit"> {runs === 1 ? "run" : "runs"}</span>
      </span>
      <span className="num right dim">{reviews}</span>
      <span className="dim">
        <Time at={at} />
      </span>
    </Link>
  );
}
