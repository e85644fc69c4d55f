import { Link } from "wouter";
import * as client from "../api/client";
import { to } from "../lib/address";
import { useData } from "../lib/data";
import { middle } from "../lib/format";
import { Digest, Empty, Missing, Section, Time, Trouble } from "../ui/bits";
import { useRowKeys } from "../ui/keys";
import { Shell } from "../ui/shell";
import { Trail } from "./trail";

export function ModelPage({ name }: { name: string }) {
  const model = useData(`model ${name}`, () => client.model(name));
  const versions = useData(`versions ${name}`, () => client.versions(name));
  useRowKeys();
  const sorted = [...(versions.data ?? [])].sort((a, b) => Number(b.version) - Number(a.version));
  const problem = model.problem ?? versions.problem;
  return (
    <Shell at="models" crumbs={[{ text: "Models", href: "/models" }, { text: name }]}>
      <h1 title={name}>{middle(name, 72)}</h1>
      {model.data?.description && <p className="dim">{model.data.description}</p>}
      {problem && <Trouble problem={problem} retry={versions.reload} what="The model could not be read." />}
      {versions.data?.length === 0 && (
        <Empty title="No versions yet" commands={[`assay model register ${name}`]}>
          A version holds files, and where they came from.
        </Empty>
      )}
      {sorted.length > 0 && (
        <div className="list cols-versions">
          <div className="head" aria-hidden="true">
            <span>Version</span>
            <span>Aliases</span>
            <span>Run</span>
            <span>Registered</span>
          </div>
          {sorted.map((v) => (
            <Link key={v.version} href={to("models", name, "versions", v.version)} className="row">
              <span className="strong num">v{v.version}</span>
              <span className="chips">
                {(v.aliases ?? model.data?.aliases?.filter((a) => String(a.version) === String(v.version)).map((a) => a.alias) ?? []).map((a) => (
                  <span key={a} className="chip">
                    {a}
                  </span>
                ))}
              </span>
              <span className="mono dim">{v.run_id ? <span title={v.run_id}>{v.run_id.slice(0, 8)}</span> : <Missing why="it was registered without a run" />}</span>
              <span className="dim">
                <Time at={v.creation_timestamp} />
              </span>
            </Link>
          ))}
        </div>
      )}
      {(versions.data || versions.problem) && (
        <Section title="Trail">
          <Trail name={name} />
        </Section>
      )}
    </Shell>
  );
}

export const RunLink = ({ id }: { id: string | undefined }) => <Digest value={id} what="run id" href={id ? to("runs", id) : undefined} />;
