// The wires' shapes, as far as the pages read them: MLflow's REST first, ours
// after. Fields that are unset are left out by the server.

/** A metric's value: JSON has no NaN or infinities, so they travel as texts. */
export type Num = number | "NaN" | "Infinity" | "-Infinity";

export interface Pair {
  key: string;
  value: string;
}
export interface Metric {
  key: string;
  value: Num;
  timestamp?: number;
  step?: number;
}
export interface Experiment {
  experiment_id: string;
  name: string;
  artifact_location?: string;
  creation_time?: number;
  last_update_time?: number;
  tags?: Pair[];
}
export interface Run {
  info: {
    run_id: string;
    run_name?: string;
    experiment_id: string;
    user_id?: string;
    status: string;
    start_time?: number;
    end_time?: number;
    artifact_uri?: string;
    lifecycle_stage?: string;
  };
  data?: { metrics?: Metric[]; params?: Pair[]; tags?: Pair[] };
  inputs?: { dataset_inputs?: { dataset: { name: string; digest: string; source_type?: string } }[] };
}
export interface Artifact {
  path: string;
  is_dir?: boolean;
  file_size?: number;
}
export interface RegisteredModel {
  name: string;
  description?: string;
  creation_timestamp?: number;
  last_updated_timestamp?: number;
  latest_versions?: MlVersion[];
  aliases?: { alias: string; version: string | number }[];
}
export interface MlVersion {
  name: string;
  version: string | number;
  creation_timestamp?: number;
  run_id?: string;
  status?: string;
  aliases?: string[];
  user_id?: string;
}

/** One thinned history: [step, time in ms, value or null]. */
export type Point = [number, number, number | null];
export interface Curve {
  total: number;
  points: Point[];
}
export interface ChangeRef {
  project: string;
  number: number;
  title?: string;
  url?: string;
  author?: string;
}
export interface FileDigest {
  path: string;
  size: number;
  sha256: string;
}
export interface Actor {
  name?: string;
  kind?: string;
}
export interface Review {
  id: string;
  change?: ChangeRef;
  project: string;
  head: string;
  base?: string;
  branch?: string;
  run_id?: string;
  baseline_run_id?: string;
  verdict: string;
  headline: string;
  gates?: { name: string; state: string; text?: string }[];
  files?: FileDigest[];
  created: number;
  actor?: Actor;
  document?: { table?: { metrics?: { name: string; decides?: boolean }[] } };
}
export interface ChangeSummary {
  change: ChangeRef;
  project: string;
  at: number;
  newest?: Review;
  reviews: number;
  runs: number;
  running: number;
}
export interface ChangeRun {
  run_id: string;
  name: string;
  experiment_id: string;
  experiment: string;
  status: string;
  start_time: number;
  end_time?: number;
  user?: string;
  commit?: string;
  branch?: string;
  metrics: Metric[];
  more_metrics?: boolean;
}
export interface Origin {
  repo?: string;
  commit?: string;
  run_commit?: string;
  branch?: string;
  change?: ChangeRef;
  review?: string;
  data?: FileDigest[];
  approvals?: { who: string; at: number; head: string }[];
  same_bytes: boolean;
  reason?: string;
  actor?: Actor;
}
export interface ModelVersion {
  model: string;
  version: number;
  source: string;
  run_id?: string;
  status: string;
  description?: string;
  user?: string;
  created: number;
  aliases?: string[];
  files?: FileDigest[];
  origin?: Origin;
}
export interface TrailEvent {
  seq: number;
  time: number;
  actor?: Actor;
  kind: string;
  detail?: Record<string, unknown>;
}
export interface AliasPolicy {
  approvals?: number;
  same_bytes?: boolean;
  gates?: boolean;
  reason?: boolean;
}
export interface News {
  experiment: string;
  run?: string;
  kind: string;
}
