import { useEffect, useState } from "react";
import * as client from "../api/client";
import type { Run } from "../api/types";
import { useData } from "../lib/data";
import { count, tag } from "../lib/format";
import { Copy, Digest, Empty, Facts, Missing, Section, Trouble } from "../ui/bits";
import { Shown } from "./artifacts";
import { read } from "./files";

/** Which code ran: commit, what was not committed, environment. */
export function CodeTab({ run }: { run: Run }) {
  const id = run.info.run_id;
  const [seen, setRead] = useState(false); // what stands below the patch comes after it
  const tags = run.data?.tags;
  const files = useData(`artifacts ${id} assay`, () => client.artifacts(id, "assay"));
  const has = (p: string) => !!files.data?.some((f) => f.path === p);
  const commit = tag(tags, "mlflow.source.git.commit");
  const command = tag(tags, "assay.command") ?? tag(tags, "mlflow.source.name");
  const dirty = tag(tags, "assay.git.dirty");
  if (!commit && !command && files.data?.length === 0)
    return (
      <Empty title="Nothing is known of the code" commands={[`export MLFLOW_TRACKING_URI=${window.location.origin}`, "assay run -- python train.py"]}>
        Commit, patch and environment are recorded when the script is started with:
      </Empty>
    );
  return (
    <>
      <Facts
        facts={[
          { name: "commit", value: <Digest value={commit} what="commit" /> },
          { name: "branch", value: tag(tags, "mlflow.source.git.branch") ?? <Missing why="no branch was recorded" /> },
          dirty !== undefined && { name: "tree", value: dirty === "true" ? <span className="v-unknown">? with changes that are not committed</span> : "✓ clean" },
          !!command && {
            name: "command",
            value: (
              <span className="mono wrap">
                {command} <Copy text={command} label="Copy the command" />
              </span>
            ),
          },
        ]}
      />
      {has("assay/patch.diff") && (
        <Section title="Not committed">
          <Patch id={id} read={() => setRead(true)} />
        </Section>
      )}
      {has("assay/environment.json") && (seen || !has("assay/patch.diff")) && (
        <Section title="Environment">
          <Shown id={id} path="assay/environment.json" />
        </Section>
      )}
    </>
  );
}

const patchLines = 4000;

function Patch({ id, read: done }: { id: string; read: () => void }) {
  const path = "assay/patch.diff";
  const { data, problem, reload } = useData(`file ${id} ${path}`, () => read(id, path));
  const known = !!data || !!problem;
  useEffect(() => {
    if (known) done();
  }, [known]);
  if (problem) return <Trouble problem={problem} retry={reload} what="The patch could not be read." />;
  if (data?.kind !== "text") return null;
  const lines = data.text.trimEnd().split("\n");
  return (
    <>
      <pre className="text patch" tabIndex={0}>
        {lines.slice(0, patchLines).map((l, i) => (
          <span key={i} className={kindOf(l)}>
            {l + "\n"}
          </span>
        ))}
      </pre>
      {lines.length > patchLines && (
        <p className="dim">
          The first {count(patchLines)} lines; <a href={client.artifactURL(id, path)} download>all of it</a>.
        </p>
      )}
    </>
  );
}

function kindOf(line: string): string | undefined {
  if (line.startsWith("+++") || line.startsWith("---") || line.startsWith("diff ")) return "d-file";
  if (line.startsWith("@@")) return "d-where";
  if (line.startsWith("+")) return "d-add";
  if (line.startsWith("-")) return "d-del";
  return undefined;
}
