import { readFileSync } from "node:fs";

/** What pages_test.go made; its World has the same shape. */
export interface World {
  bin: string;
  server: string;
  empty: string;
  demo: { forge: string; server: string; run: string; version: string; drawing: string };
  runs: Record<"html" | "long" | "failed" | "files" | "candidate" | "running", string>;
  experiments: Record<"large" | "none" | "live" | "html", string>;
  commit: string;
  matching: number;
  htmlName: string;
  longName: string;
}

const path = process.env.ASSAY_PAGES_WORLD;
if (!path) throw new Error("the specs are started by: go test -tags compat ./compat/pages/");
export const world = JSON.parse(readFileSync(path, "utf8")) as World;

export const out = process.env.ASSAY_PAGES_OUT ?? "node_modules/.photographs";
