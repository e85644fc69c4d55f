import { useRef, useState } from "react";
import { Link } from "wouter";
import * as client from "../api/client";
import { useLive } from "../api/live";
import type { ChangeRun, Review } from "../api/types";
import { to } from "../lib/address";
import { useData } from "../lib/data";
import { middle, safeURL, tight } from "../lib/format";
import { turns } from "../lib/turns";
import { Digest, Empty, Gate, Section, Time, Trouble, Verdict } from "../ui/bits";
import { Shell } from "../ui/shell";
import { ChangeCurves, useCompared } from "./changecurves";
import { ChangeRuns } from "./changeruns";
import { metricsOf } from "./changemetrics";
import { Files } from "./files";

const firstRuns = 50;
const moreRuns = 150;
const pause = 1000; // ms between two questions, however much happens

const none: ChangeRun[] = [];

/** All runs and verdicts of one merge request, newest first. */
export function ChangePage({ project, number }: { project: string; number: number }) {
  const name = `${project}!${number}`;
  const reviewed = useData(`reviews ${name}`, () => client.reviews({ project, number }));
  const [count, setCount] = useState(firstRuns);
  const listed = useData(`runs-of ${name} ${count}`, () => client.changeRuns(project, number, count));
  const last = useRef<client.ChangeRuns>(undefined); // while older ones are read, the newer stay
  if (listed.data) last.current = listed.data;
  const runs = listed.data ?? last.current;
  const reload = useRef<() => Promise<unknown>>(undefined);
  reload.current = listed.reload;
  const [again] = useState(() => turns(() => reload.current?.() ?? Promise.resolve(), pause));
  useLive((news) => {
    if (news === "again" || news.some((n) => n.kind === "review")) void reviewed.reload();
    // A run that is not known yet may belong here by its tags: those come as news of kind "run".
    const known = new Set(runs?.runs.map((r) => r.run_id));
    if (news === "again" || news.some((n) => !n.run || n.kind === "run" || n.kind === "review" || known.has(n.run))) again();
  });
  const reviews = [...(reviewed.data ?? [])].sort((a, b) => b.created - a.created);
  const newest = reviews[0];
  const shown = useData(`review ${newest?.id ?? ""}`, async () => (newest ? client.review(newest.id) : undefined));
  const keys = runs ? metricsOf(runs.runs, shown.data) : [];
  const compared = useCompared(runs?.runs ?? none, shown.data);
  // Each part waits for those above it, so that nothing moves when they come.
  const reported = !!reviewed.problem || (!!reviewed.data && (!newest || !!shown.data || !!shown.problem));
  const counted = reported && (!!runs || !!listed.problem);
  const empty = reviewed.data?.length === 0 && runs?.runs.length === 0;
  return (
    <Shell at="changes" crumbs={[{ text: "Merge requests", href: "/changes" }, { text: name }]}>
      <Title name={name} review={newest} known={!!reviewed.data || !!reviewed.problem} />
      {reviewed.problem && <Trouble problem={reviewed.problem} retry={reviewed.reload} what="The reports of this merge request could not be read." />}
      {listed.problem && <Trouble problem={listed.problem} retry={listed.reload} what="The runs of this merge request could not be read." />}
      {empty && (
        <Empty title="No runs and no reports of this merge request" commands={["assay run -- python train.py", "assay report"]}>
          Its pipeline has not begun yet, or reports to another server.
        </Empty>
      )}
      {newest && <Shown review={newest} newest />}
      {reported && !!runs?.runs.length && (
        <>
          <Section title="Runs" count={runs.runs.length} more={runs.more}>
            <ChangeRuns runs={runs.runs} reviews={reviews} keys={keys} looks={compared.looks} />
            {runs.more && (
              <p className="under-list">
                <button type="button" onClick={() => setCount(count + moreRuns)}>
                  Show older runs
                </button>
              </p>
            )}
          </Section>
          <ChangeCurves {...compared} />
        </>
      )}
      {counted && (compared.settled || !runs?.runs.length) && reviews.length > 1 && (
        <Section title="Earlier reports" count={reviews.length - 1}>
          <ol className="reviews">
            {reviews.slice(1).map((r) => (
              <li key={r.id}>
                <Shown review={r} />
              </li>
            ))}
          </ol>
        </Section>
      )}
    </Shell>
  );
}

function Title({ name, review, known }: { name: string; review: Review | undefined; known: boolean }) {
  const change = review?.change;
  const url = safeURL(change?.url);
  return (
    <>
      <h1 title={change?.title}>{known ? middle(change?.title || name, 110) : "\u00a0"}</h1>
      <p className="dim under">
        {change?.title ? name : known ? "The title is known with the first report." : "\u00a0"}
        {change?.author && <> by {change.author}</>}
        {url && (
          <>
            {" · "}
            <a href={url} rel="noopener noreferrer">
              on the forge
            </a>
          </>
        )}
      </p>
    </>
  );
}

function Shown({ review: r, newest = false }: { review: Review; newest?: boolean }) {
  return (
    <article className={newest ? "review" : "review old"}>
      <div className="line">
        <Verdict value={r.verdict} />
        <strong className="headline">{tight(r.headline.replace(/^[▲▼●?✖]\s*/u, ""))}</strong>
        <span className="dim">
          <Time at={r.created} />
        </span>
      </div>
      <div className="line dim">
        <span>
          commit <Digest value={r.head} what="commit" />
        </span>
        {r.run_id && (
          <span>
            run <Digest value={r.run_id} what="run id" href={to("runs", r.run_id)} />
          </span>
        )}
        {r.baseline_run_id && (
          <span>
            baseline <Digest value={r.baseline_run_id} what="run id" href={to("runs", r.baseline_run_id)} />
          </span>
        )}
        {r.run_id && <Link href={to("runs", r.run_id, "curves")}>curves</Link>}
      </div>
      {!!r.gates?.length && (
        <ul className="gates">
          {r.gates.map((g) => (
            <Gate key={g.name} {...g} />
          ))}
        </ul>
      )}
      {!!r.files?.length && (
        <details>
          <summary>
            {r.files.length} {r.files.length === 1 ? "file" : "files"}
          </summary>
          <Files files={r.files} />
        </details>
      )}
    </article>
  );
}
