import { Link } from "wouter";
import * as client from "../api/client";
import { useLive } from "../api/live";
import { to } from "../lib/address";
import { useData } from "../lib/data";
import { Empty, Fit, Time, Trouble } from "../ui/bits";
import { useRowKeys } from "../ui/keys";
import { Shell } from "../ui/shell";

export function ExperimentsPage() {
  const { data, problem, reload } = useData("experiments", client.experiments);
  useRowKeys();
  useLive((news) => {
    const known = new Set(data?.map((e) => e.experiment_id));
    if (news === "again" || news.some((n) => !known.has(n.experiment))) reload();
  });
  return (
    <Shell at="experiments" crumbs={[{ text: "Experiments" }]}>
      <h1>Experiments {data && <span className="count">{data.length}</span>}</h1>
      {problem && <Trouble problem={problem} retry={reload} what="The experiments could not be read." />}
      {data?.length === 0 && (
        <Empty title="No experiments yet" commands={[`export MLFLOW_TRACKING_URI=${window.location.origin}`, "assay run -- python train.py"]}>
          An experiment gathers the runs of one question. The first run makes it:
        </Empty>
      )}
      {!!data?.length && (
        <div className="list cols-experiments">
          <div className="head" aria-hidden="true">
            <span>Name</span>
            <span>Id</span>
            <span>Made</span>
            <span>Changed</span>
          </div>
          {data.map((e) => (
            <Link key={e.experiment_id} href={to("experiments", e.experiment_id)} className="row">
              <span className="strong" title={e.name}>
                <Fit text={e.name} />
              </span>
              <span className="mono dim">{e.experiment_id}</span>
              <span className="dim">
                <Time at={e.creation_time} />
              </span>
              <span className="dim">
                <Time at={e.last_update_time} />
              </span>
            </Link>
          ))}
        </div>
      )}
    </Shell>
  );
}
