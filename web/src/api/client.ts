import { begin, end } from "../lib/busy";
import type * as T from "./types";

/** What went wrong, for people: what, why, what next. */
export class Problem extends Error {
  constructor(
    message: string,
    readonly code: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}

const ours = "/api/assay/v1";
const mlflow = "/ajax-api/2.0/mlflow";

/** Asks the server; every answer that is not a success becomes a Problem. */
export async function request(url: string, init?: RequestInit): Promise<Response> {
  begin();
  try {
    const res = await fetch(url, init);
    if (res.ok) return res;
    throw await problemOf(res);
  } catch (e) {
    if (e instanceof Problem || (e instanceof DOMException && e.name === "AbortError")) throw e;
    throw new Problem("The server did not answer.", "UNREACHABLE", "Check that it runs and that this computer reaches it, then try again.");
  } finally {
    end();
  }
}

async function problemOf(res: Response): Promise<Problem> {
  const text = await res.text();
  try {
    const body = JSON.parse(text) as { error_code?: string; message?: string; hint?: string };
    return new Problem(body.message || `The server answered ${res.status}.`, body.error_code ?? String(res.status), body.hint);
  } catch {
    return new Problem(text.slice(0, 300) || `The server answered ${res.status}.`, String(res.status));
  }
}

async function json<R>(url: string, init?: RequestInit): Promise<R> {
  const res = await request(url, init);
  if (!(res.headers.get("Content-Type") ?? "").includes("json")) {
    throw new Problem("The server does not know this question.", "UNSUPPORTED", "It may be older than this page; reload after it was updated.");
  }
  return (await res.json()) as R;
}

function post<R>(path: string, body: unknown): Promise<R> {
  return json<R>(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

const enc = encodeURIComponent;

export async function experiments(): Promise<T.Experiment[]> {
  const out: T.Experiment[] = [];
  let token: string | undefined;
  do {
    const page = await post<{ experiments?: T.Experiment[]; next_page_token?: string }>(`${mlflow}/experiments/search`, {
      max_results: 1000,
      page_token: token,
    });
    out.push(...(page.experiments ?? []));
    token = page.next_page_token || undefined;
  } while (token && out.length < 5000);
  return out;
}

export const experiment = (id: string) =>
  json<{ experiment: T.Experiment }>(`${mlflow}/experiments/get?experiment_id=${enc(id)}`).then((r) => r.experiment);

/** At most this many runs are held by a page; beyond it the server sorts. */
export const runLimit = 2000;

export interface Runs {
  runs: T.Run[];
  more: boolean;
}

export async function runs(experimentID: string, filter: string, order: string[]): Promise<Runs> {
  const out: T.Run[] = [];
  let token: string | undefined;
  do {
    const page = await post<{ runs?: T.Run[]; next_page_token?: string }>(`${mlflow}/runs/search`, {
      experiment_ids: [experimentID],
      filter: filter || undefined,
      order_by: order.length ? order : undefined,
      max_results: 1000,
      page_token: token,
    });
    out.push(...(page.runs ?? []));
    token = page.next_page_token || undefined;
  } while (token && out.length < runLimit);
  return { runs: out.slice(0, runLimit), more: token !== undefined };
}

export const run = (id: string) => json<{ run: T.Run }>(`${mlflow}/runs/get?run_id=${enc(id)}`).then((r) => r.run);

export const artifacts = (runID: string, path: string) =>
  json<{ files?: T.Artifact[] }>(`${mlflow}/artifacts/list?run_id=${enc(runID)}${path ? `&path=${enc(path)}` : ""}`).then((r) => r.files ?? []);

export const artifactURL = (runID: string, path: string) => `/get-artifact?run_id=${enc(runID)}&path=${enc(path)}`;

export async function models(): Promise<T.RegisteredModel[]> {
  const out: T.RegisteredModel[] = [];
  let token = "";
  do {
    const page = await json<{ registered_models?: T.RegisteredModel[]; next_page_token?: string }>(
      `${mlflow}/registered-models/search?max_results=200${token && `&page_token=${enc(token)}`}`,
    );
    out.push(...(page.registered_models ?? []));
    token = page.next_page_token ?? "";
  } while (token && out.length < 2000);
  return out;
}

export const model = (name: string) =>
  json<{ registered_model: T.RegisteredModel }>(`${mlflow}/registered-models/get?name=${enc(name)}`).then((r) => r.registered_model);

export const versions = (name: string) =>
  json<{ model_versions?: T.MlVersion[] }>(
    `${mlflow}/model-versions/search?max_results=200&filter=${enc(`name='${name.replaceAll("'", "\\'")}'`)}`,
  ).then((r) => r.model_versions ?? []);

/** Keys a call; the server's own limit. */
const keysPerCall = 64;

/** after: for each key the step behind which its points are asked for. */
export async function curves(runID: string, keys: string[], after?: number[]): Promise<Record<string, T.Curve>> {
  const out: Record<string, T.Curve> = {};
  for (let i = 0; i < keys.length; i += keysPerCall) {
    const q = keys.slice(i, i + keysPerCall).map((k) => `key=${enc(k)}`);
    if (after) q.push(...after.slice(i, i + keysPerCall).map((a) => `after=${a}`));
    const page = await json<{ curves: Record<string, T.Curve> }>(`${ours}/runs/${enc(runID)}/curves?${q.join("&")}&max=1000`);
    Object.assign(out, page.curves);
  }
  return out;
}

export async function output(runID: string, from: number): Promise<{ data: ArrayBuffer; next: number }> {
  const res = await request(`${ours}/runs/${enc(runID)}/streams/output?from=${from}`);
  return { data: await res.arrayBuffer(), next: Number(res.headers.get("X-Assay-Next") ?? from) };
}

export const changes = (token = "") => json<{ changes: T.ChangeSummary[]; next?: string }>(`${ours}/changes?limit=200${token && `&token=${enc(token)}`}`);

export interface ChangeRuns {
  runs: T.ChangeRun[];
  more: boolean;
}

/** The newest runs of a merge request, as many as are asked for. */
export async function changeRuns(project: string, number: number, count: number): Promise<ChangeRuns> {
  const runs: T.ChangeRun[] = [];
  let token = "";
  do {
    const limit = Math.min(200, count - runs.length);
    const page = await json<{ runs: T.ChangeRun[]; next?: string }>(
      `${ours}/changes/runs?project=${enc(project)}&number=${number}&limit=${limit}${token && `&token=${enc(token)}`}`,
    );
    runs.push(...page.runs);
    token = page.next ?? "";
  } while (token && runs.length < count);
  return { runs, more: token !== "" };
}

export const review = (id: string) => json<T.Review>(`${ours}/reviews/${enc(id)}`);

/** Without their documents, which may be large. */
export const reviews = (q: { project?: string; number?: number; run?: string }) => {
  const s = new URLSearchParams({ document: "0" });
  for (const [k, v] of Object.entries(q)) if (v !== undefined) s.set(k, String(v));
  return json<{ reviews: T.Review[] }>(`${ours}/reviews?${s}`).then((r) => r.reviews);
};

export const version = (name: string, n: number) => json<T.ModelVersion>(`${ours}/models/${enc(name)}/versions/${n}`);

export const trail = (name: string) => json<{ events: T.TrailEvent[] }>(`${ours}/models/${enc(name)}/events`).then((r) => r.events);

export const policy = (name: string) =>
  json<{ aliases?: Record<string, T.AliasPolicy> }>(`${ours}/models/${enc(name)}/policy`).then((r) => r.aliases ?? {});

export const promote = (name: string, alias: string, n: number, reason: string) =>
  json<unknown>(`${ours}/models/${enc(name)}/aliases/${enc(alias)}`, {
    method: "PUT",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ version: n, reason: reason || undefined }),
  });
