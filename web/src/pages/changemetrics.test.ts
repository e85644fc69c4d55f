import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChangeRun, Review } from "../api/types";
import { curvesOf, metricsOf } from "./changemetrics";

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
  assert.equal(metricsOf([run(..."abcdefghijkl")], undefined).length, 5);
});

test("curves of what the report speaks of come first", () => {
  const at = (key: string, step: number) => ({ key, value: 1, step });
  const one = { metrics: [at("accuracy", 0), at("loss", 9), at("val_accuracy", 9), at("x", 9), at("system/cpu", 9), at("once", 0)] } as unknown as ChangeRun;
  assert.deepEqual(curvesOf([one], review(["loss", false], ["accuracy", true])), ["val_accuracy", "loss", "x"]);
  assert.deepEqual(curvesOf([one], undefined), ["loss", "val_accuracy", "x"]);
  assert.deepEqual(curvesOf([], undefined), []);
});

test("a report without its table is known by its headline", () => {
  const review = { headline: "▼ Worse than main: accuracy 98.0 % → 93.2 %", gates: [{ name: "loss: below 0.3", state: "pass" }] } as unknown as Review;
  assert.deepEqual(metricsOf([run("a", "accuracy", "b", "c", "d", "loss")], review), ["accuracy", "loss", "a", "b", "c"]);
  const keys = ["a", "train_accuracy", "train_loss", "val_accuracy", "val_loss"];
  const one = { metrics: keys.map((key) => ({ key, value: 1, step: 3 })) } as unknown as ChangeRun;
  assert.deepEqual(curvesOf([one], review), ["val_accuracy", "train_accuracy", "val_loss", "train_loss", "a"]);
});
