import { useState, type ReactNode } from "react";
import { Link } from "wouter";
import * as client from "../api/client";
import type { ModelVersion } from "../api/types";
import { to } from "../lib/address";
import { useData } from "../lib/data";
import { count, middle } from "../lib/format";
import { Digest, Facts, Section, Time, Trouble, Who } from "../ui/bits";
import { Shell } from "../ui/shell";
import { Files } from "./files";
import { PromoteDialog } from "./promote";
import { RunLink } from "./model";
import { Trail } from "./trail";

/** Where one version came from, and where it may go. */
export function VersionPage({ name, number }: { name: string; number: number }) {
  const { data: v, problem, reload } = useData(`version ${name} ${number}`, () => client.version(name, number));
  const [dialog, setDialog] = useState(false);
  const [moved, setMoved] = useState(0);
  return (
    <Shell at="models" crumbs={[{ text: "Models", href: "/models" }, { text: name, href: to("models", name) }, { text: `v${number}` }]}>
      <div className="title">
        <h1>
          <span title={name}>{middle(name, 64)}</span> <span className="num">v{number}</span>
        </h1>
        <span className="chips">
          {v?.aliases?.map((a) => (
            <span key={a} className="chip">
              {a}
            </span>
          ))}
        </span>
        {v && (
          <button type="button" className="primary" onClick={() => setDialog(true)}>
            Promote…
          </button>
        )}
      </div>
      {problem && <Trouble problem={problem} retry={reload} what="The version could not be read." />}
      {v && <From version={v} />}
      {!!v?.files?.length && (
        <Section title="Files" count={v.files.length}>
          <Files
            files={v.files}
            href={v.origin ? (p) => `/api/assay/v1${to("models", name, "versions", number)}/download?path=${encodeURIComponent(p)}` : undefined}
          />
        </Section>
      )}
      {v && (
        <Section title={`Trail of v${number}`}>
          <Trail key={moved} name={name} version={number} />
          <p className="note">
            <Link href={to("models", name)}>The whole trail of {middle(name, 40)}</Link>
          </p>
        </Section>
      )}
      {dialog && (
        <PromoteDialog
          name={name}
          number={number}
          close={() => setDialog(false)}
          done={() => {
            reload();
            setMoved(moved + 1);
          }}
        />
      )}
    </Shell>
  );
}

function From({ version: v }: { version: ModelVersion }) {
  const o = v.origin;
  return (
    <Section title="Where it came from">
      <Facts
        facts={[
          !!o?.change && {
            name: "merge request",
            value: (
              <Link href={to("changes", o.change.project, o.change.number)}>
                {o.change.project}!{o.change.number} {o.change.title}
              </Link>
            ),
          },
          { name: "run", value: <RunLink id={v.run_id} /> },
          !!o?.commit && {
            name: "commit",
            value: (
              <>
                <Digest value={o.commit} what="commit" />
                {o.branch && <span className="dim"> on {o.branch}</span>}
              </>
            ),
          },
          !!o?.run_commit && o.run_commit !== o.commit && { name: "trained at", value: <Digest value={o.run_commit} what="commit" /> },
          !!o && { name: "bytes", value: <Bytes same={o.same_bytes} reason={o.reason} /> },
          { name: "registered", value: <By at={v.created}><Who actor={o?.actor} also={v.user} /></By> },
          !o && { name: "source", value: <span className="mono wrap">{v.source}</span> },
          !!v.description && { name: "description", value: v.description },
        ]}
      />
      {!o && <p className="dim">It was registered through MLflow, which records no more. <code className="mono">assay model register</code> records the commit, the data and the approvals.</p>}
      {!!o?.approvals?.length && (
        <>
          <h3>
            Approvals <span className="count">{count(o.approvals.length)}</span>
          </h3>
          <ul className="simple">
            {o.approvals.map((a) => (
              <li key={a.who + a.at}>
                <span className="v-better">✓</span> <strong>{a.who}</strong> approved <Digest value={a.head} what="commit" />{" "}
                <span className="dim">
                  <Time at={a.at} />
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
      {!!o?.data?.length && (
        <>
          <h3>
            Data <span className="count">{count(o.data.length)}</span>
          </h3>
          <Files files={o.data} />
        </>
      )}
    </Section>
  );
}

function Bytes({ same, reason }: { same: boolean; reason?: string }) {
  if (same) return <span className="v-better">✓ the files are those that the review showed</span>;
  return (
    <span className="v-unknown">
      ? not compared with a review, or not the same{reason && <>: “{reason}”</>}
    </span>
  );
}

function By({ at, children }: { at: number; children: ReactNode }) {
  return (
    <>
      <Time at={at} /> <span className="dim">by {children}</span>
    </>
  );
}
