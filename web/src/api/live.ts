import { useEffect, useRef, useSyncExternalStore } from "react";
import { Line, type Listener, type Source } from "./line";

const watchers = new Set<() => void>();
let lost = false;

const line = new Line(
  () => new EventSource("/api/assay/v1/live") as Source,
  (v) => {
    if (lost === v) return;
    lost = v;
    for (const w of watchers) w();
  },
);

document.addEventListener("visibilitychange", () => line.setHidden(document.hidden));

/** Calls back with what changed, in batches, or "again" after a gap. */
export function useLive(listener: Listener) {
  const current = useRef(listener);
  current.current = listener;
  useEffect(() => line.listen((n) => current.current(n)), []);
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
