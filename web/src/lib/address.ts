import { useCallback } from "react";
import { useBrowserLocation, useSearch } from "wouter/use-browser-location";

/** Segments of the path, each decoded, so that a project's slashes survive. */
export function useSegments(): string[] {
  const [path] = useBrowserLocation();
  return segments(path);
}

export const segments = (path: string): string[] => path.split("/").filter(Boolean).map(decode);

function decode(s: string): string {
  try {
    return decodeURIComponent(s);
  } catch {
    return s; // not an encoding: the name holds a percent sign
  }
}

/** A path of encoded segments. */
export const to = (...parts: (string | number)[]) => "/" + parts.map((p) => encodeURIComponent(String(p))).join("/");

/** What a person set, in the address; undefined takes a key away. */
export function useQuery(): [URLSearchParams, (patch: Record<string, string | undefined>, replace?: boolean) => void] {
  const search = useSearch();
  const [, navigate] = useBrowserLocation();
  const set = useCallback(
    (patch: Record<string, string | undefined>, replace = false) => {
      const q = new URLSearchParams(window.location.search);
      for (const [k, v] of Object.entries(patch)) {
        if (v === undefined || v === "") q.delete(k);
        else q.set(k, v);
      }
      const s = q.toString();
      navigate(window.location.pathname + (s ? `?${s}` : ""), { replace });
    },
    [navigate],
  );
  return [new URLSearchParams(search), set];
}
