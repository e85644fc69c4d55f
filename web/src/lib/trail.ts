import type { TrailEvent } from "../api/types";

const text = (v: unknown) => (typeof v === "string" || typeof v === "number" ? String(v) : "");

/** The first of some fields that is set: a kind that is newer than this page
 * may name things otherwise. */
const first = (e: TrailEvent, ...names: string[]) => names.map((n) => text(e.detail?.[n])).find(Boolean) ?? "";

const version = (n: string) => (n ? `v${n}` : "a version");

/** What was given as the reason. */
export const reason = (e: TrailEvent) => text(e.detail?.reason);

/** An entry in words, after the name of who did it; a kind that this page does
 * not know is shown as it is. */
export function words(e: TrailEvent): string {
  const d = e.detail ?? {};
  const [from, to] = [text(d.from), text(d.to)];
  switch (e.kind) {
    case "version.registered":
      return `registered ${version(text(d.version))}`;
    case "version.stage":
      return `moved ${version(text(d.version))}${from && from !== "None" ? ` from ${from}` : ""} to the stage ${to || "None"}${d.archived_others ? " and archived the others there" : ""}`;
    case "version.deleted":
      return `deleted ${version(text(d.version))}`;
    case "version.deployed": {
      const where = first(e, "to", "environment", "target", "where", "name");
      return `deployed ${version(text(d.version))}${where && ` to ${where}`}`;
    }
    case "model.renamed":
      return `renamed the model${from && ` from ${from}`}${to && ` to ${to}`}`;
    case "model.deleted":
      return "deleted the model";
    case "alias.moved":
      return `moved ${text(d.alias)} ${from ? `from v${from} ` : ""}to ${version(to || text(d.version))}`;
    case "alias.removed":
      return `removed ${text(d.alias)}${from && ` from v${from}`}`;
    case "policy.set":
      return "set the policy";
    default:
      return e.kind;
  }
}

/** Whether an entry is about one version of the model. */
export function about(e: TrailEvent, number: number): boolean {
  const names = e.kind.startsWith("alias.") ? ["version", "from", "to"] : e.kind.startsWith("version.") ? ["version"] : [];
  return names.some((n) => text(e.detail?.[n]) === String(number));
}
