import { useEffect, useRef, useState, type FormEvent } from "react";
import * as client from "../api/client";
import type { AliasPolicy } from "../api/types";
import { useData } from "../lib/data";
import { lacking } from "../lib/refusal";
import { Told } from "../ui/bits";

function demands(p: AliasPolicy | undefined): string {
  if (!p) return "This alias is not protected.";
  const all = [
    p.approvals ? `${p.approvals} approval${p.approvals === 1 ? "" : "s"} of the merge request` : "",
    p.same_bytes ? "the bytes that were reviewed" : "",
    p.gates ? "passed gates" : "",
    p.reason ? "a reason" : "",
  ].filter(Boolean);
  return all.length ? `The policy asks for ${all.join(", ")}.` : "This alias is not protected.";
}

interface Props {
  name: string;
  number: number;
  close: () => void;
  done: () => void;
}

/** Moves an alias to a version; a refusal says why and what would help. */
export function PromoteDialog({ name, number, close, done }: Props) {
  const ref = useRef<HTMLDialogElement>(null);
  const policy = useData(`policy ${name}`, () => client.policy(name));
  const [alias, setAlias] = useState("production");
  const [reason, setReason] = useState("");
  const [refusal, setRefusal] = useState<client.Problem>();
  const [sending, setSending] = useState(false);
  useEffect(() => ref.current?.showModal(), []);
  const submit = async (e: FormEvent) => {
    e.preventDefault();
    setSending(true);
    setRefusal(undefined);
    try {
      await client.promote(name, alias.trim(), number, reason.trim());
      done();
      close();
    } catch (err) {
      setRefusal(err instanceof client.Problem ? err : new client.Problem(String(err), "INTERNAL"));
    }
    setSending(false);
  };
  return (
    <dialog ref={ref} onClose={close} aria-label={`Promote ${name} v${number}`}>
      <form onSubmit={(e) => void submit(e)}>
        <h2>
          Promote {name} v{number}
        </h2>
        <label>
          Alias
          <input value={alias} onChange={(e) => setAlias(e.target.value)} list="aliases" required autoFocus />
        </label>
        <datalist id="aliases">
          {Object.keys(policy.data ?? {}).map((a) => (
            <option key={a} value={a} />
          ))}
        </datalist>
        <p className="dim small">{policy.data ? demands(policy.data[alias.trim()]) : "\u00a0"}</p>
        <label>
          Reason <span className="dim">kept in the trail</span>
          <textarea value={reason} onChange={(e) => setReason(e.target.value)} rows={3} />
        </label>
        {refusal && <Refusal problem={refusal} />}
        <div className="buttons">
          <button type="button" onClick={() => ref.current?.close()}>
            Cancel
          </button>
          <button className="primary" disabled={sending || !alias.trim()}>
            Move {alias.trim() || "alias"} to v{number}
          </button>
        </div>
      </form>
    </dialog>
  );
}

function Refusal({ problem }: { problem: client.Problem }) {
  const { headline, items } = lacking(problem.message);
  return (
    <div className="trouble" role="alert">
      <strong>
        <Told text={headline} />
      </strong>
      {items.length > 0 && (
        <ul>
          {items.map((item) => (
            <li key={item}>
              <Told text={item} />
            </li>
          ))}
        </ul>
      )}
      {problem.hint && (
        <p className="dim">
          <Told text={problem.hint} />
        </p>
      )}
    </div>
  );
}
