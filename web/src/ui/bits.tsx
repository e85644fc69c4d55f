import { Fragment, useLayoutEffect, useRef, useState, type ReactNode } from "react";
import { Link } from "wouter";
import type { Problem } from "../api/client";
import type { Actor, Num } from "../api/types";
import { colorOf, type Look } from "../lib/colors";
import { ago, count as grouped, exact, fitted, middle, number, tight, whole } from "../lib/format";

const verdicts: Record<string, [mark: string, word: string]> = {
  better: ["▲", "better"],
  worse: ["▼", "worse"],
  same: ["●", "same"],
  failed: ["✕", "failed"],
};

/** A verdict: mark and word, the colour only helps. */
export function Verdict({ value }: { value: string }) {
  const [mark, word] = verdicts[value] ?? ["?", "unknown"];
  return (
    <span className={`verdict v-${word}`}>
      <span aria-hidden="true">{mark}</span> {word}
    </span>
  );
}

const statuses: Record<string, [mark: string, word: string]> = {
  RUNNING: ["●", "running"],
  SCHEDULED: ["○", "scheduled"],
  FINISHED: ["✓", "finished"],
  FAILED: ["✕", "failed"],
  KILLED: ["■", "killed"],
};

const status = (value: string) => statuses[value] ?? (["?", value.toLowerCase()] as const);

/** A status where there is no room for its word, which stands elsewhere. */
export function StatusMark({ value }: { value: string }) {
  const [mark, word] = status(value);
  return (
    <span className={`status s-${word}`} aria-hidden="true" title={word}>
      <span className="mark">{mark}</span>
    </span>
  );
}

export function Status({ value }: { value: string }) {
  const [mark, word] = status(value);
  return (
    <span className={`status s-${word}`}>
      <span aria-hidden="true" className="mark">
        {mark}
      </span>
      {word}
    </span>
  );
}

const gates: Record<string, string> = { pass: "✓", warn: "!", fail: "✕", undecided: "?", skip: "–" };

export function Gate({ name, state, text }: { name: string; state: string; text?: string }) {
  return (
    <li className={`gate g-${state}`}>
      <span className="mark">
        <span aria-hidden="true">{gates[state] ?? "?"}</span> {state}
      </span>
      <span className="says">
        <span className="mono">{name}</span> <span className="dim">{text && tight(text)}</span>
      </span>
    </li>
  );
}

export function Time({ at }: { at: number | undefined }) {
  return <time title={exact(at)}>{ago(at)}</time>;
}

/** What is not there, and why. */
export const Missing = ({ why }: { why: string }) => (
  <span className="missing dim" title={why}>
    –
  </span>
);

/** A metric's value: four digits, all of them in the tooltip. */
export const Value = ({ v, name }: { v: Num | null | undefined; name: string }) => <span title={whole(v, name)}>{number(v)}</span>;

/** Who did something; the server has no users of its own yet. */
export function Who({ actor, also }: { actor: Actor | undefined; also?: string }) {
  const name = actor?.name || also;
  if (name) return <strong title={actor?.kind ? `${name}, a ${actor.kind}` : undefined}>{name}</strong>;
  return (
    <span className="missing" title="The server has no users yet: who asks is known only when the caller says so (ASSAY_ACTOR, or a user name in the server's address).">
      unknown
    </span>
  );
}

/** The colour that a run has wherever it is drawn. */
export function Swatch({ run, look }: { run: string; look?: Look }) {
  const { color, dash } = look ?? { color: colorOf(run), dash: [] };
  return (
    <svg className="swatch" viewBox="0 0 16 4" aria-hidden="true">
      <path d="M0 2h16" stroke={`var(--c${color})`} strokeDasharray={dash.length ? dash.map((d) => d * 0.7).join(" ") : undefined} />
    </svg>
  );
}

export function Name({ text, max = 48 }: { text: string; max?: number }) {
  return <span title={text.length > max ? text : undefined}>{middle(text, max)}</span>;
}

let ruler: CanvasRenderingContext2D | null | undefined;

function widthIn(font: string): (text: string) => number {
  ruler ??= document.createElement("canvas").getContext("2d");
  if (!ruler) return () => 0;
  const r = ruler;
  r.font = font;
  return (text) => r.measureText(text).width;
}

/** A name that takes all the room there is, cut once in its middle where that
 * is not enough; whoever shows it gives the whole in a tooltip. */
export function Fit({ text }: { text: string }) {
  const ref = useRef<HTMLSpanElement>(null);
  const [shown, setShown] = useState(text);
  useLayoutEffect(() => {
    const el = ref.current;
    if (!el) return;
    const fit = () => setShown(fitted(text, el.clientWidth, widthIn(getComputedStyle(el).font)));
    fit();
    const watch = new ResizeObserver(fit);
    watch.observe(el);
    return () => watch.disconnect();
  }, [text]);
  return (
    <span ref={ref} className="fit">
      {shown}
    </span>
  );
}

/** A message of the server: what stands between backticks is code. */
export const Told = ({ text }: { text: string }) => (
  <>
    {text.split(/`([^`]+)`/).map((part, i) => (
      <Fragment key={i}>{i % 2 ? <code className="mono">{part}</code> : part}</Fragment>
    ))}
  </>
);

/** Copies, and says so where the eye is. */
export function Copy({ text, label }: { text: string; label: string }) {
  const [done, setDone] = useState(false);
  const copy = () => {
    void navigator.clipboard?.writeText(text).then(() => {
      setDone(true);
      window.setTimeout(() => setDone(false), 1200);
    });
  };
  return (
    <button type="button" className="copy" onClick={copy} aria-label={label} title={label}>
      {done ? "✓" : <Icon name="copy" />}
    </button>
  );
}

/** A digest or an id: eight characters, all of it in the tooltip and the copy. */
export function Digest({ value, what = "digest", href }: { value: string | undefined; what?: string; href?: string }) {
  if (!value) return <Missing why={`no ${what} is known`} />;
  const short = value.slice(0, 8);
  return (
    <span className="digest mono" title={value}>
      {href ? <Link href={href}>{short}</Link> : short}
      <Copy text={value} label={`Copy the ${what}`} />
    </span>
  );
}

/** Says what would be here and shows the command that fills it. */
export function Empty({ title, children, commands, page }: { title: string; children?: ReactNode; commands?: string[]; page?: boolean }) {
  const text = commands?.join("\n");
  return (
    <div className="empty">
      {page ? <h1>{title}</h1> : <h2>{title}</h2>}
      <p>{children}</p>
      {text && (
        <div className="command">
          <pre tabIndex={0}>{text}</pre>
          <Copy text={text} label="Copy the commands" />
        </div>
      )}
    </div>
  );
}

export function Trouble({ problem, retry, what }: { problem: Problem; retry?: () => void; what: string }) {
  return (
    <div className="trouble" role="alert">
      <strong>{what}</strong>
      <p>
        <Told text={problem.message} />
      </p>
      {problem.hint && (
        <p className="dim">
          <Told text={problem.hint} />
        </p>
      )}
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

export interface Fact {
  name: string;
  value: ReactNode;
}

export function Facts({ facts }: { facts: (Fact | false | undefined)[] }) {
  return (
    <dl className="facts">
      {facts.map(
        (f) =>
          f && (
            <div key={f.name}>
              <dt>{f.name}</dt>
              <dd>{f.value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

export function Section({ title, count, more, children }: { title: string; count?: number; more?: boolean; children: ReactNode }) {
  return (
    <section>
      <h2>
        {title} {count !== undefined && <span className="count">{more ? `the newest ${count}` : grouped(count)}</span>}
      </h2>
      {children}
    </section>
  );
}

const icons = {
  experiments: "M2.5 13.5h11M3.5 11l3-4 2.5 2L13 3.5",
  changes: "M4.5 5.5v5M4.5 5.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3Zm0 8a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3Zm7 0a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3Zm0-3V6a2 2 0 0 0-2-2H8m1.5-1.8L7.7 4l1.8 1.8",
  models: "M8 1.8 13.5 5v6L8 14.2 2.5 11V5L8 1.8Zm0 6.2v6.2M8 8l5.5-3M8 8 2.5 5",
  copy: "M5.5 5.5v-3h8v8h-3m-8-5h8v8h-8z",
  sun: "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6Zm0-10v1.5m0 11V15M1 8h1.5m11 0H15M3 3l1 1m8 8 1 1M3 13l1-1m8-8 1-1",
  moon: "M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7Z",
  screen: "M2 3h12v8H2zm4 10.5h4M8 11v2.5",
  folder: "M1.8 12.5v-9h4l1.5 2h7v7z",
  file: "M3.5 1.8h6l3 3v9.4h-9zm6 0v3h3",
} as const;

export function Icon({ name }: { name: keyof typeof icons }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={icons[name]} />
    </svg>
  );
}
