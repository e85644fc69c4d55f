import { useCallback, useEffect, useRef, useState } from "react";
import { Problem } from "../api/client";

// Answers already seen are shown at once and asked for again behind, so that
// going back does not blink.
const kept = new Map<string, unknown>();
const keep = 60;

function remember(key: string, value: unknown) {
  kept.delete(key);
  kept.set(key, value);
  for (const k of kept.keys()) {
    if (kept.size <= keep) break;
    kept.delete(k);
  }
}

export interface Data<T> {
  data: T | undefined;
  problem: Problem | undefined;
  reload: () => Promise<void>;
  set: (change: (old: T) => T) => void;
}

/** Loads what the key names; a new key drops the answer of the old. */
export function useData<T>(key: string, load: () => Promise<T>): Data<T> {
  const [state, setState] = useState<{ key: string; data?: T; problem?: Problem }>({ key, data: kept.get(key) as T | undefined });
  const loader = useRef(load);
  loader.current = load;
  const alive = useRef(0);
  const reload = useCallback(() => {
    const turn = ++alive.current;
    return loader.current().then(
      (data) => {
        if (turn !== alive.current) return;
        remember(key, data);
        setState({ key, data });
      },
      (e: unknown) => {
        if (turn !== alive.current) return;
        const problem = e instanceof Problem ? e : new Problem(String(e), "INTERNAL");
        setState((s) => ({ key, data: s.key === key ? s.data : undefined, problem }));
      },
    );
  }, [key]);
  useEffect(() => {
    void reload();
    return () => void alive.current++;
  }, [reload]);
  const set = useCallback(
    (change: (old: T) => T) =>
      setState((s) => {
        if (s.key !== key || s.data === undefined) return s;
        const data = change(s.data);
        remember(key, data);
        return { key, data };
      }),
    [key],
  );
  const now = state.key === key ? state : { data: kept.get(key) as T | undefined, problem: undefined };
  return { data: now.data, problem: now.problem, reload, set };
}
