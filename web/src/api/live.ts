import { useEffect, useRef, useSyncExternalStore } from "react";
import type { News } from "./types";

// One line to the server for the whole page, open only while somebody listens
// and the page is seen: browsers allow few open connections to one server, and
// twenty forgotten tabs must not use them up.

type Listener = (news: News[] | "again") => void;

const listeners = new Set<Listener>();
const watchers = new Set<() => void>();
let source: EventSource | undefined;
let lost = false;
let waiting: News[] = [];
let timer: number | undefined;
let opened = false;

function setLost(v: boolean) {
  if (lost === v) return;
  lost = v;
  for (const w of watchers) w();
}

function flush() {
  timer = undefined;
  const batch = waiting;
  waiting = [];
  for (const l of listeners) l(batch);
}

function open() {
  if (source || listeners.size === 0 || document.hidden) return;
  const s = new EventSource("/api/assay/v1/live");
  source = s;
  s.onopen = () => {
    setLost(false);
    // What happened while nobody listened is not told again: ask anew.
    if (opened) for (const l of listeners) l("again");
    opened = true;
  };
  s.onmessage = (e) => {
    try {
      waiting.push(JSON.parse(e.data as string) as News);
    } catch {
      return; // a line that is no news
    }
    timer ??= window.setTimeout(flush, 500);
  };
  s.onerror = () => {
    setLost(true);
    if (s.readyState === EventSource.CLOSED) {
      close();
      window.setTimeout(open, 5000);
    }
  };
}

function close() {
  source?.close();
  source = undefined;
}

document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));

/** Calls back with what changed, in batches, or "again" after a gap. */
export function useLive(listener: Listener) {
  const current = useRef(listener);
  current.current = listener;
  useEffect(() => {
    const l: Listener = (n) => current.current(n);
    listeners.add(l);
    open();
    return () => {
      listeners.delete(l);
      if (listeners.size === 0) close();
    };
  }, []);
}

/** Whether the line is broken, to say so. */
export function useLost(): boolean {
  return useSyncExternalStore(
    (w) => {
      watchers.add(w);
      return () => watchers.delete(w);
    },
    () => lost,
  );
}
