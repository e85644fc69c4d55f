import * as client from "../api/client";
import { useData } from "../lib/data";
import { about, reason, words } from "../lib/trail";
import { Time, Trouble, Who } from "../ui/bits";

/** What happened to a model, or to one version of it, newest first. */
export function Trail({ name, version }: { name: string; version?: number }) {
  const { data, problem, reload } = useData(`trail ${name}`, () => client.trail(name));
  if (problem) return <Trouble problem={problem} retry={reload} what="The trail could not be read." />;
  if (!data) return null;
  const events = version === undefined ? data : data.filter((e) => about(e, version));
  if (!events.length) return <p className="dim">Nothing has happened yet.</p>;
  return (
    <ol className="trail">
      {[...events].reverse().map((e) => (
        <li key={e.seq}>
          <span className="dim">
            <Time at={e.time} />
          </span>
          <span>
            <Who actor={e.actor} /> {words(e)}
            {reason(e) && <em> “{reason(e)}”</em>}
          </span>
        </li>
      ))}
    </ol>
  );
}
