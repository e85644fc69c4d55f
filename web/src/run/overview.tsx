import { Link } from "wouter";
import * as client from "../api/client";
import type { Metric, Pair, Run } from "../api/types";
import { to } from "../lib/address";
import { useData } from "../lib/data";
import { count, isSystem, middle, tag } from "../lib/format";
import { Duration } from "../pages/columns";
import { Copy, Digest, Facts, Section, Time, Value, Verdict } from "../ui/bits";

export function Overview({ run }: { run: Run }) {
  const metrics = run.data?.metrics ?? [];
  const params = run.data?.params ?? [];
  const tags = run.data?.tags ?? [];
  const system = metrics.filter((m) => isSystem(m.key));
  return (
    <>
      <RunFacts run={run} />
      <div className="columns">
        <Section title="Metrics" count={metrics.length - system.length}>
          <Metrics metrics={metrics.filter((m) => !isSystem(m.key))} />
          {system.length > 0 && (
            <details>
              <summary>The machine's own ({system.length})</summary>
              <Metrics metrics={system} />
            </details>
          )}
        </Section>
        <Section title="Parameters" count={params.length}>
          <Pairs pairs={params} none="The run set no parameters." />
        </Section>
      </div>
      <Section title="Tags" count={tags.length}>
        <Pairs pairs={tags} none="The run has no tags." />
      </Section>
    </>
  );
}

function RunFacts({ run }: { run: Run }) {
  const tags = run.data?.tags;
  const reviews = useData(`reviews-of ${run.info.run_id}`, () => client.reviews({ run: run.info.run_id }));
  const review = reviews.data?.[0];
  const commit = tag(tags, "mlflow.source.git.commit");
  const branch = tag(tags, "mlflow.source.git.branch");
  const exit = tag(tags, "assay.exit_code");
  const command = tag(tags, "assay.command") ?? tag(tags, "mlflow.source.name");
  const user = tag(tags, "mlflow.user") ?? run.info.user_id;
  const change = tag(tags, "assay.change");
  const project = tag(tags, "assay.project");
  const data = run.inputs?.dataset_inputs ?? [];
  return (
    <Facts
      facts={[
        { name: "started", value: <Time at={run.info.start_time} /> },
        { name: "duration", value: <Duration run={run} /> },
        !!user && { name: "by", value: user },
        {
          name: "commit",
          value: (
            <>
              <Digest value={commit} what="commit" />
              {branch && <span className="dim"> on {branch}</span>}
              {tag(tags, "assay.git.dirty") === "true" && <span className="v-unknown"> with changes that are not committed</span>}
            </>
          ),
        },
        !!command && {
          name: "command",
          value: (
            <span className="mono" title={command}>
              {middle(command, 70)} <Copy text={command} label="Copy the command" />
            </span>
          ),
        },
        exit !== undefined && { name: "exit code", value: <span className="num">{exit}</span> },
        !!review?.change && {
          name: "merge request",
          value: (
            <>
              <Link href={to("changes", review.change.project, review.change.number)}>
                {review.change.project}!{review.change.number}
              </Link>{" "}
              <Verdict value={review.verdict} />
            </>
          ),
        },
        !review && !!change && {
          name: "merge request",
          value: project ? <Link href={to("changes", project, change)}>{`${project}!${change}`}</Link> : `!${change}`,
        },
        data.length > 0 && {
          name: "data",
          value: data.map((d, i) => (
            <span key={i}>
              {d.dataset.name} <Digest value={d.dataset.digest} />{" "}
            </span>
          )),
        },
        { name: "id", value: <Digest value={run.info.run_id} what="run id" /> },
      ]}
    />
  );
}

function Metrics({ metrics }: { metrics: Metric[] }) {
  if (!metrics.length) return <p className="dim">The run logged no metrics.</p>;
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th scope="col">Metric</th>
          <th scope="col" className="right">
            Newest
          </th>
          <th scope="col" className="right">
            Step
          </th>
        </tr>
      </thead>
      <tbody>
        {[...metrics]
          .sort((a, b) => (a.key < b.key ? -1 : 1))
          .map((m) => (
            <tr key={m.key}>
              <td title={m.key}>{middle(m.key, 44)}</td>
              <td className="right num">
                <Value v={m.value} name={m.key} />
              </td>
              <td className="right num dim">{count(m.step ?? 0)}</td>
            </tr>
          ))}
      </tbody>
    </table>
  );
}

function Pairs({ pairs, none }: { pairs: Pair[]; none: string }) {
  if (!pairs.length) return <p className="dim">{none}</p>;
  return (
    <table className="plain-table pairs">
      <tbody>
        {[...pairs]
          .sort((a, b) => (a.key < b.key ? -1 : 1))
          .map((p) => (
            <tr key={p.key}>
              <th scope="row" title={p.key}>
                {middle(p.key, 44)}
              </th>
              <td title={p.value}>
                <span className="mono wrap">{middle(p.value, 200)}</span>
              </td>
            </tr>
          ))}
      </tbody>
    </table>
  );
}
