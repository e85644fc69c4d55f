import { Link } from "wouter";
import * as client from "../api/client";
import { to } from "../lib/address";
import { useData } from "../lib/data";
import { Empty, Fit, Missing, Time, Trouble } from "../ui/bits";
import { useRowKeys } from "../ui/keys";
import { Shell } from "../ui/shell";

export function ModelsPage() {
  const { data, problem, reload } = useData("models", client.models);
  useRowKeys();
  return (
    <Shell at="models" crumbs={[{ text: "Models" }]}>
      <h1>Models {data && <span className="count">{data.length}</span>}</h1>
      {problem && <Trouble problem={problem} retry={reload} what="The models could not be read." />}
      {data?.length === 0 && (
        <Empty title="No models yet" commands={[`export MLFLOW_TRACKING_URI=${window.location.origin}`, "assay model register NAME"]}>
          A model is a name with numbered versions, each of exactly the bytes that were reviewed. In the repository that trained it:
        </Empty>
      )}
      {!!data?.length && (
        <div className="list cols-models">
          <div className="head" aria-hidden="true">
            <span>Name</span>
            <span>Newest</span>
            <span>Aliases</span>
            <span>Changed</span>
          </div>
          {data.map((m) => {
            const newest = Math.max(0, ...(m.latest_versions ?? []).map((v) => Number(v.version)));
            return (
              <Link key={m.name} href={to("models", m.name)} className="row">
                <span className="strong" title={m.name}>
                  <Fit text={m.name} />
                </span>
                <span className="num">{newest ? `v${newest}` : <Missing why="it has no version yet" />}</span>
                <span className="chips">
                  {m.aliases?.map((a) => (
                    <span key={a.alias} className="chip">
                      {a.alias} → v{a.version}
                    </span>
                  ))}
                </span>
                <span className="dim">
                  <Time at={m.last_updated_timestamp} />
                </span>
              </Link>
            );
          })}
        </div>
      )}
    </Shell>
  );
}
