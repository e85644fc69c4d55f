import { useEffect, useRef, useState } from "react";
import { count } from "../lib/format";
import { columnLimit, type Column } from "./columns";

const listed = 200; // entries of the list that are drawn; the search finds the others

interface Props {
  all: Column[];
  shown: Column[];
  /** Undefined: the standard columns. */
  choose: (ids: string[] | undefined) => void;
  close: () => void;
}

/** Columns by name: a search, and a box for each that it finds. */
export function Chooser({ all, shown, choose, close }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState("");
  useEffect(() => dialog.current?.showModal(), []);
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = all.filter((c) => c.id !== "name" && words.every((w) => c.full.toLowerCase().includes(w)));
  const ids = shown.map((c) => c.id).filter((id) => id !== "name");
  const on = new Set(ids);
  // What is added stands beside the name, where it is seen and where a full
  // table has room: the last ones make way.
  const add = (more: string[]) => choose([...new Set([...more, ...ids])].slice(0, columnLimit - 1));
  const toggle = (id: string) => (on.has(id) ? choose(ids.filter((i) => i !== id)) : add([id]));
  return (
    <dialog ref={dialog} onClose={close} className="chooser" aria-label="Columns">
      <h2>
        Columns{" "}
        <span className="count">
          {shown.length} of {all.length} are shown
        </span>
      </h2>
      <input type="search" placeholder="Search metrics and parameters" aria-label="Search columns" value={text} autoFocus onChange={(e) => setText(e.target.value)} />
      <div className="tools">
        <button type="button" disabled={!found.length} onClick={() => choose(found.map((c) => c.id).slice(0, columnLimit - 1))}>
          {words.length ? `Show only these ${Math.min(found.length, columnLimit - 1)}` : "Show all that fit"}
        </button>
        <button type="button" disabled={found.every((c) => on.has(c.id))} onClick={() => add(found.map((c) => c.id))}>
          Add these
        </button>
        <button type="button" onClick={() => choose(undefined)}>
          Standard
        </button>
      </div>
      <ul className="choices">
        {found.slice(0, listed).map((c) => (
          <li key={c.id}>
            <label>
              <input type="checkbox" checked={on.has(c.id)} onChange={() => toggle(c.id)} />
              <span className="cut" title={c.full}>
                {c.id.includes(":") ? c.id.slice(2) : c.title}
              </span>
              <span className="dim">{c.id.startsWith("m:") ? "metric" : c.id.startsWith("p:") ? "parameter" : "run"}</span>
            </label>
          </li>
        ))}
        {!found.length && <li className="dim">No metric or parameter has this name.</li>}
      </ul>
      <p className="note dim">
        {found.length > listed && `The first ${listed} of ${count(found.length)}; search for the others. `}
        {all.length > columnLimit && `At most ${columnLimit} columns are drawn at once; what is added comes first.`}
      </p>
      <form method="dialog" className="buttons">
        <button className="primary">Done</button>
      </form>
    </dialog>
  );
}
