import { useSyncExternalStore } from "react";

// Work under way is shown only when it takes longer than people notice.
const patience = 200; // ms

let count = 0;
let shown = false;
let timer: number | undefined;
const watchers = new Set<() => void>();

function show(v: boolean) {
  if (shown === v) return;
  shown = v;
  for (const w of watchers) w();
}

export function begin() {
  count++;
  timer ??= window.setTimeout(() => show(count > 0), patience);
}

export function end() {
  count--;
  if (count > 0) return;
  window.clearTimeout(timer);
  timer = undefined;
  show(false);
}

export function useBusy(): boolean {
  return useSyncExternalStore(
    (w) => {
      watchers.add(w);
      return () => watchers.delete(w);
    },
    () => shown,
  );
}
