import * as client from "../api/client";
import type { TrailEvent } from "../api/types";
import { useData } from "../lib/data";
import { Time, Trouble, Who } from "../ui/bits";

const text = (v: unknown) => (typeof v === "string" || typeof v === "number" ? String(v) : "");

/** An entry in words; a kind that this page does not know is shown as it is. */
function words(e: TrailEvent): string {
  const d = e.detail ?? {};
  switch (e.kind) {
    case "version.registered":
      return `registered${d.version ? ` v${text(d.version)}` : " a version"}`;
    case "alias.moved":
      return `moved ${text(d.alias)} ${d.from ? `from v${text(d.from)} ` : ""}to v${text(d.to ?? d.version)}`;
    case "alias.removed":
      return `removed ${text(d.alias)}`;
    case "policy.set":
      return "set the policy";
    default:
      return e.kind;
  }
}

/** What happened to a model, newest first. */
export function Trail({ name }: { name: string }) {
  const { data, problem, reload } = useData(`trail ${name}`, () => client.trail(name));
  if (problem) return <Trouble problem={problem} retry={reload} what="The trail could not be read." />;
  if (!data) return null;
  if (!data.length) return <p className="dim">Nothing has happened yet.</p>;
  return (
    <ol className="trail">
      {[...data].reverse().map((e) => (
        <li key={e.seq}>
          <span className="dim">
            <Time at={e.time} />
          </span>
          <span>
            <Who actor={e.actor} /> {words(e)}
            {text(e.detail?.reason) && <em> “{text(e.detail?.reason)}”</em>}
          </span>
        </li>
      ))}
    </ol>
  );
}
