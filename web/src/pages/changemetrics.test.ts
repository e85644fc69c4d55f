import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChangeRun, Review } from "../api/types";
import { metricsOf } from "./changemetrics";

const run = (...keys: string[]) => ({ metrics: keys.map((key) => ({ key, value: 1 })) }) as unknown as ChangeRun;
const review = (...metrics: [string, boolean][]) => ({ document: { table: { metrics: metrics.map(([name, decides]) => ({ name, decides })) } } }) as unknown as Review;

test("the metrics of the report come first to last, those that decide before", () => {
  assert.deepEqual(metricsOf([run("loss", "acc", "x")], review(["loss", false], ["acc", true], ["gone", true])), ["acc", "loss"]);
});

test("without a report, those that most runs have", () => {
  const runs = [run("b", "a"), run("b", "c"), run("b", "a")];
  assert.deepEqual(metricsOf(runs, undefined), ["b", "a", "c"]);
  assert.deepEqual(metricsOf(runs, review(["other names", true])), ["b", "a", "c"]);
  assert.deepEqual(metricsOf([], undefined), []);
  assert.equal(metricsOf([run(..."abcdefghijkl")], undefined).length, 8);
});
