import { Link } from "wouter";
import * as client from "../api/client";
import { concerns } from "../api/line";
import { useLive } from "../api/live";
import type { Metric, Run } from "../api/types";
import { to } from "../lib/address";
import { useData } from "../lib/data";
import { count, isSystem, middle, tag } from "../lib/format";
import { ArtifactsTab } from "../run/artifacts";
import { CodeTab } from "../run/code";
import { CurvesTab } from "../run/curves";
import { OutputTab } from "../run/output";
import { Overview } from "../run/overview";
import { Empty, Status, Swatch, Time, Trouble, Value } from "../ui/bits";
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
      <div className={tab === "output" ? "fill" : undefined}>
        <div className="title">
          <h1 title={name}>
            <Swatch run={id} /> {middle(name, 72)}
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
      </div>
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

/** What a run that trains said last, and when. */
function Newest({ run }: { run: Run }) {
  const logged = (run.data?.metrics ?? []).filter((m) => m.timestamp && !isSystem(m.key)).sort((a, b) => (a.key < b.key ? -1 : 1));
  const last = logged.reduce<Metric | undefined>((newest, m) => (newest && newest.timestamp! >= m.timestamp! ? newest : m), undefined);
  return last ? (
    <span className="dim">
      last value: {middle(last.key, 30)}{" "}
      <strong className="num">
        <Value v={last.value} name={last.key} />
      </strong>{" "}
      at step {count(last.step ?? 0)}, <Time at={last.timestamp} />
    </span>
  ) : (
    <span className="dim">{tag(run.data?.tags, "mlflow.user") ?? ""}</span>
  );
}
