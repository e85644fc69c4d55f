import { Link } from "wouter";
import * as client from "../api/client";
import { concerns } from "../api/line";
import { useLive } from "../api/live";
import type { Run } from "../api/types";
import { to } from "../lib/address";
import { useData } from "../lib/data";
import { tag } from "../lib/format";
import { ArtifactsTab } from "../run/artifacts";
import { CodeTab } from "../run/code";
import { CurvesTab } from "../run/curves";
import { OutputTab } from "../run/output";
import { Overview } from "../run/overview";
import { Empty, Status, Swatch, Time, Trouble } from "../ui/bits";
import { Shell } from "../ui/shell";

const tabs = ["overview", "curves", "artifacts", "output", "code"];

export function RunPage({ id, tab }: { id: string; tab: string }) {
  const { data: run, problem, reload } = useData(`run ${id}`, () => client.run(id));
  const experiment = run?.info.experiment_id;
  const exp = useData(`experiment-of ${experiment ?? ""}`, async () => (experiment === undefined ? undefined : client.experiment(experiment)));
  useLive((news) => {
    if (concerns(news, id, experiment)) void reload();
  });
  const name = run?.info.run_name || id.slice(0, 8);
  return (
    <Shell
      at="experiments"
      crumbs={[
        { text: "Experiments", href: "/experiments" },
        ...(run ? [{ text: exp.data?.name ?? "…", href: to("experiments", run.info.experiment_id) }] : []),
        { text: name },
      ]}
    >
      <div className="title">
        <h1 title={name}>
          <Swatch run={id} /> {name}
        </h1>
        {run && <Status value={run.info.status} />}
        {run?.info.status === "RUNNING" && <Newest run={run} />}
        {run?.info.lifecycle_stage === "deleted" && <span className="v-worse">deleted</span>}
      </div>
      <nav className="tabs" aria-label="Parts of the run">
        {tabs.map((t) => (
          <Link key={t} href={t === "overview" ? to("runs", id) : to("runs", id, t)} aria-current={t === tab ? "page" : undefined}>
            {t}
          </Link>
        ))}
      </nav>
      {problem && <Trouble problem={problem} retry={reload} what="The run could not be read." />}
      {run && <Tab run={run} tab={tab} />}
    </Shell>
  );
}

function Tab({ run, tab }: { run: Run; tab: string }) {
  switch (tab) {
    case "overview":
      return <Overview run={run} />;
    case "curves":
      return <CurvesTab run={run} />;
    case "artifacts":
      return <ArtifactsTab run={run} />;
    case "output":
      return <OutputTab run={run} />;
    case "code":
      return <CodeTab run={run} />;
    default:
      return <Empty title="There is no such part of a run">The tabs above lead to what there is.</Empty>;
  }
}

/** The time since a run that trains last said something. */
function Newest({ run }: { run: Run }) {
  const at = Math.max(0, ...(run.data?.metrics ?? []).map((m) => m.timestamp ?? 0));
  return at ? (
    <span className="dim">
      last value <Time at={at} />
    </span>
  ) : (
    <span className="dim">{tag(run.data?.tags, "mlflow.user") ?? ""}</span>
  );
}
