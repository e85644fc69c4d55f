import { useState, type KeyboardEvent, type RefObject } from "react";
import { navigate } from "wouter/use-browser-location";
import * as client from "../api/client";
import { to } from "../lib/address";
import { middle } from "../lib/format";
import { Fit } from "./bits";

interface Hit {
  kind: string;
  name?: string; // stays whole before a text that is cut
  text: string;
  href: string;
}

async function everything(): Promise<Hit[]> {
  const [experiments, models, changes] = await Promise.allSettled([client.experiments(), client.models(), client.changes()]);
  const out: Hit[] = [];
  if (experiments.status === "fulfilled")
    out.push(...experiments.value.map((e) => ({ kind: "experiment", text: e.name, href: to("experiments", e.experiment_id) })));
  if (models.status === "fulfilled") out.push(...models.value.map((m) => ({ kind: "model", text: m.name, href: to("models", m.name) })));
  if (changes.status === "fulfilled")
    out.push(
      ...changes.value.changes.map(({ change: c }) => ({
        kind: "merge request",
        name: `${c.project}!${c.number}`,
        text: c.title ?? "",
        href: to("changes", c.project, c.number),
      })),
    );
  return out;
}

function match(all: Hit[], text: string): Hit[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  const hits = all.filter((h) => words.every((w) => `${h.name ?? ""} ${h.text}`.toLowerCase().includes(w))).slice(0, 9);
  if (/^[0-9a-f]{32}$/i.test(text.trim())) hits.unshift({ kind: "run", text: text.trim(), href: to("runs", text.trim()) });
  return hits;
}

/** The one search: names of experiments, models and merge requests; run ids. */
export function Search({ input }: { input: RefObject<HTMLInputElement | null> }) {
  const [text, setText] = useState("");
  const [all, setAll] = useState<Hit[]>();
  const [at, setAt] = useState(0);
  const [open, setOpen] = useState(false);
  const hits = match(all ?? [], text);
  const leave = () => {
    setOpen(false);
    setText("");
    input.current?.blur();
  };
  const go = (h: Hit) => {
    leave();
    navigate(h.href);
  };
  const key = (e: KeyboardEvent) => {
    const hit = hits[at];
    if (e.key === "Escape") leave();
    else if (e.key === "Enter" && hit) go(hit);
    else if (e.key === "ArrowDown") setAt(Math.min(at + 1, hits.length - 1));
    else if (e.key === "ArrowUp") setAt(Math.max(at - 1, 0));
    else return;
    e.preventDefault();
  };
  const focus = () => {
    setOpen(true);
    void everything().then(setAll);
  };
  const shown = open && text !== "";
  return (
    <div className="search">
      <input
        ref={input}
        type="search"
        role="combobox"
        placeholder="Search  /"
        aria-label="Search experiments, models, merge requests, run ids"
        aria-expanded={shown}
        aria-controls="hits"
        aria-activedescendant={shown && hits.length ? `hit-${at}` : undefined}
        value={text}
        onFocus={focus}
        onBlur={() => setOpen(false)}
        onKeyDown={key}
        onChange={(e) => {
          setText(e.target.value);
          setAt(0);
        }}
      />
      {shown && (
        <ul id="hits" role="listbox" aria-label="Found">
          {hits.map((h, i) => (
            <li key={h.href} id={`hit-${i}`} role="option" aria-selected={i === at} onMouseDown={() => go(h)} onMouseEnter={() => setAt(i)}>
              <span className="named" title={`${h.name ?? ""} ${h.text}`.trim()}>
                {h.name && <span>{middle(h.name, 32)}</span>}
                {h.name ? <span className="cut">{h.text}</span> : <Fit text={h.text} />}
              </span>
              <span className="dim">{h.kind}</span>
            </li>
          ))}
          {!hits.length && <li className="dim">{all ? "Nothing has this name." : "…"}</li>}
        </ul>
      )}
    </div>
  );
}
