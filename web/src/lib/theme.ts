import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";

const watchers = new Set<() => void>();
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const tell = () => watchers.forEach((w) => w());
dark.addEventListener("change", tell);

const chosen = (): Theme => (document.documentElement.dataset.theme as Theme | undefined) ?? "system";

export function setTheme(t: Theme) {
  if (t === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = t;
  try {
    if (t === "system") localStorage.removeItem("assay.theme");
    else localStorage.setItem("assay.theme", t);
  } catch {
    // Storage is forbidden: the choice lasts as long as the page.
  }
  tell();
}

/** The chosen theme and the one that is shown, separated by a slash so that
 * canvases, which hold no CSS variables, are drawn again on either change. */
export function useTheme(): { chosen: Theme; shown: "light" | "dark" } {
  const s = useSyncExternalStore(
    (w) => {
      watchers.add(w);
      return () => watchers.delete(w);
    },
    () => `${chosen()}/${chosen() === "system" ? (dark.matches ? "dark" : "light") : chosen()}`,
  );
  const [c, shown] = s.split("/") as [Theme, "light" | "dark"];
  return { chosen: c, shown };
}
