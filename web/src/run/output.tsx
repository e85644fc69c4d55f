import { useCallback, useEffect, useRef, useState } from "react";
import * as client from "../api/client";
import { concerns } from "../api/line";
import { useLive } from "../api/live";
import type { Run } from "../api/types";
import { Empty, Trouble } from "../ui/bits";

const keepChars = 2_000_000; // of the end; older text is let go
const pollEvery = 3000; // ms, beside what live news bring

/** What the command printed, growing while it runs. */
export function OutputTab({ run }: { run: Run }) {
  const { text, done, cut, problem, more } = useOutput(run.info.run_id);
  const running = run.info.status === "RUNNING";
  useEffect(() => {
    if (!running) return;
    const t = window.setInterval(more, pollEvery);
    return () => window.clearInterval(t);
  }, [running, more]);
  const box = useRef<HTMLPreElement>(null);
  const follow = useRef(true);
  useEffect(() => {
    if (box.current && follow.current) box.current.scrollTop = box.current.scrollHeight;
  }, [text]);
  if (problem && !text) return <Trouble problem={problem} retry={more} what="The output could not be read." />;
  if (done && !text)
    return (
      <Empty title="No output" commands={[`export MLFLOW_TRACKING_URI=${window.location.origin}`, "assay run -- python train.py"]}>
        What a script prints is kept when it is started with:
      </Empty>
    );
  return (
    <>
      {cut && <p className="dim">The beginning was cut; these are the last {keepChars / 1e6} million characters.</p>}
      <pre
        className="output"
        ref={box}
        tabIndex={0}
        aria-label="Output"
        onScroll={(e) => {
          const el = e.currentTarget;
          follow.current = el.scrollHeight - el.scrollTop - el.clientHeight < 24;
        }}
      >
        {text}
      </pre>
    </>
  );
}

function useOutput(id: string) {
  const [state, setState] = useState<{ text: string; done: boolean; cut: boolean; problem?: client.Problem }>({ text: "", done: false, cut: false });
  const at = useRef({ next: 0, decoder: new TextDecoder(), text: "", cut: false, busy: false, alive: true });
  const more = useCallback(async () => {
    const a = at.current;
    if (a.busy) return;
    a.busy = true;
    try {
      for (;;) {
        const { data, next } = await client.output(id, a.next);
        if (!a.alive) return;
        if (data.byteLength === 0 || next <= a.next) break;
        a.next = next;
        const all = a.text + a.decoder.decode(data, { stream: true });
        a.cut ||= all.length > keepChars;
        a.text = all.slice(-keepChars);
      }
      setState({ text: plain(a.text), done: true, cut: a.cut });
    } catch (e) {
      const problem = e instanceof client.Problem ? e : new client.Problem(String(e), "INTERNAL");
      // A run that printed nothing has no stream: that is an empty page.
      if (a.alive) setState((s) => (problem.code === "not_found" ? { ...s, done: true } : { ...s, problem }));
    } finally {
      a.busy = false;
    }
  }, [id]);
  useEffect(() => {
    const a = at.current;
    a.alive = true;
    void more();
    return () => void (a.alive = false);
  }, [more]);
  useLive((news) => {
    if (concerns(news, id, undefined)) void more();
  });
  return { ...state, more };
}

/** Takes colour codes away and shows of a progress line what a terminal would:
 * what was written last over it. */
function plain(text: string): string {
  return text
    .replace(/\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007]*\u0007/g, "")
    .replace(/\r\n/g, "\n")
    .replace(/[^\n]*\r(?=[^\n])/g, "");
}
