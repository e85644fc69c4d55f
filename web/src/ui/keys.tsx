import { useEffect, useRef } from "react";

/** Whether a key belongs to what is being written. */
export function isTyping(e: KeyboardEvent): boolean {
  const t = e.target as HTMLElement | null;
  return e.ctrlKey || e.metaKey || e.altKey || !!t?.closest("input, textarea, select, dialog[open]");
}

/** Calls back for plain keys, unless somebody is typing. */
export function useKeys(handle: (key: string, e: KeyboardEvent) => void) {
  const current = useRef(handle);
  current.current = handle;
  useEffect(() => {
    const on = (e: KeyboardEvent) => {
      if (!isTyping(e)) current.current(e.key, e);
    };
    window.addEventListener("keydown", on);
    return () => window.removeEventListener("keydown", on);
  }, []);
}

/** j and k walk the rows' links of a plain list; the focus is the cursor. */
export function useRowKeys(selector = "a.row") {
  useKeys((key, e) => {
    if (key !== "j" && key !== "k") return;
    const rows = [...document.querySelectorAll<HTMLElement>(selector)];
    if (!rows.length) return;
    const at = rows.indexOf(document.activeElement as HTMLElement);
    const next = key === "j" ? Math.min(at + 1, rows.length - 1) : Math.max(at - 1, 0);
    rows[next]?.focus();
    e.preventDefault();
  });
}

const shortcuts: [string, string][] = [
  ["/", "search"],
  ["j  k", "next and previous row"],
  ["Enter", "open the row"],
  ["g e", "experiments"],
  ["g c", "merge requests"],
  ["g m", "models"],
  ["?", "this list"],
];

export function Help({ open, close }: { open: boolean; close: () => void }) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open) ref.current?.showModal();
    else ref.current?.close();
  }, [open]);
  return (
    <dialog ref={ref} onClose={close} aria-label="Keyboard">
      <h2>Keyboard</h2>
      <dl className="keys">
        {shortcuts.map(([k, what]) => (
          <div key={k}>
            <dt>
              {k.split(/\s+/).map((one) => (
                <kbd key={one}>{one}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button>Close</button>
      </form>
    </dialog>
  );
}
