import { Link } from "wouter";
import * as client from "../api/client";
import { useLive } from "../api/live";
import type { Review } from "../api/types";
import { to } from "../lib/address";
import { useData } from "../lib/data";
import { safeURL } from "../lib/format";
import { Digest, Empty, Gate, Time, Trouble, Verdict } from "../ui/bits";
import { Shell } from "../ui/shell";
import { Files } from "./files";

/** All that was shown of one merge request, newest first. */
export function ChangePage({ project, number }: { project: string; number: number }) {
  const { data, problem, reload } = useData(`reviews ${project}!${number}`, () => client.reviews({ project, number }));
  useLive((news) => {
    if (news === "again" || news.some((n) => n.kind.startsWith("review"))) reload();
  });
  const reviews = [...(data ?? [])].sort((a, b) => b.created - a.created);
  const change = reviews[0]?.change;
  const url = safeURL(change?.url);
  const name = `${project}!${number}`;
  return (
    <Shell at="changes" crumbs={[{ text: "Merge requests", href: "/changes" }, { text: name }]}>
      <h1>{change?.title || name}</h1>
      <p className="dim under">
        {name}
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
      {problem && <Trouble problem={problem} retry={reload} what="The reports of this merge request could not be read." />}
      {data?.length === 0 && (
        <Empty title="No reports of this merge request" commands={["assay report"]}>
          Its pipeline has not reported yet, or reports to another server.
        </Empty>
      )}
      <ol className="reviews">
        {reviews.map((r, i) => (
          <li key={r.id}>
            <Shown review={r} newest={i === 0} />
          </li>
        ))}
      </ol>
    </Shell>
  );
}

function Shown({ review: r, newest }: { review: Review; newest: boolean }) {
  return (
    <article className={newest ? "review" : "review old"}>
      <div className="line">
        <Verdict value={r.verdict} />
        <strong className="headline">{r.headline.replace(/^[▲▼●?✖]\s*/u, "")}</strong>
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
