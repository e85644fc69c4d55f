import { Link } from "wouter";
import * as client from "../api/client";
import { useLive } from "../api/live";
import { to } from "../lib/address";
import { useData } from "../lib/data";
import { Empty, Time, Trouble, Verdict } from "../ui/bits";
import { useRowKeys } from "../ui/keys";
import { Shell } from "../ui/shell";

export function ChangesPage() {
  const { data, problem, reload } = useData("changes", client.changes);
  useRowKeys();
  useLive((news) => {
    if (news === "again" || news.some((n) => n.kind.startsWith("review"))) reload();
  });
  return (
    <Shell at="changes" crumbs={[{ text: "Merge requests" }]}>
      <h1>Merge requests {data && <span className="count">{data.length}</span>}</h1>
      {problem && <Trouble problem={problem} retry={reload} what="The merge requests could not be read." />}
      {data?.length === 0 && (
        <Empty title="No reviews yet" commands={[`export MLFLOW_TRACKING_URI=${window.location.origin}`, "assay report"]}>
          Every report that a pipeline makes of a merge request is kept here: verdict, gates, runs. In the pipeline, after training:
        </Empty>
      )}
      {!!data?.length && (
        <div className="list cols-changes">
          <div className="head" aria-hidden="true">
            <span>Merge request</span>
            <span>Verdict</span>
            <span>Newest report</span>
            <span>Reports</span>
            <span>When</span>
          </div>
          {data.map(({ change: c, newest, reviews }) => (
            <Link key={`${c.project}!${c.number}`} href={to("changes", c.project, c.number)} className="row">
              <span className="cut">
                <span className="strong">{c.title || `${c.project}!${c.number}`}</span>{" "}
                <span className="dim">
                  {c.project}!{c.number}
                </span>
              </span>
              <Verdict value={newest.verdict} />
              <span className="cut" title={newest.headline}>
                {newest.headline.replace(/^[▲▼●?✖]\s*/u, "")}
              </span>
              <span className="num dim">{reviews}</span>
              <span className="dim">
                <Time at={newest.created} />
              </span>
            </Link>
          ))}
        </div>
      )}
    </Shell>
  );
}
