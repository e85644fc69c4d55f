import assert from "node:assert/strict";
import { test } from "node:test";
import type { Num, Run } from "../api/types";
import { columnLimit, columnsOf, onlyDiffering, shownColumns } from "./columns";
import { clicked, parseSort, sortRuns, sortText, toOrder } from "./sort";

let made = 0;
function run(name: string, metrics: Record<string, Num> = {}, params: Record<string, string> = {}): Run {
  return {
    info: { run_id: `id${made++}`, run_name: name, experiment_id: "1", status: "FINISHED", start_time: made },
    data: { metrics: Object.entries(metrics).map(([key, value]) => ({ key, value })), params: Object.entries(params).map(([key, value]) => ({ key, value })) },
  };
}

const order = (runs: Run[], sort: string) => sortRuns(runs, parseSort(sort), columnsOf(runs)).map((r) => r.info.run_name).join(" ");

test("missing and NaN go last in either direction", () => {
  const runs = [run("nan", { a: "NaN" }), run("two", { a: 2 }), run("none"), run("minus", { a: "-Infinity" }), run("inf", { a: "Infinity" }), run("ten", { a: 10 })];
  assert.equal(order(runs, "m:a"), "minus two ten inf nan none");
  assert.equal(order(runs, "-m:a"), "inf ten two minus nan none");
});

test("params sort as numbers before texts", () => {
  const runs = [run("x", {}, { p: "x" }), run("10", {}, { p: "10" }), run("9", {}, { p: "9.0" }), run("none"), run("empty", {}, { p: "" }), run("1e-3", {}, { p: "1e-3" })];
  assert.equal(order(runs, "p:p"), "1e-3 9 10 empty x none");
  assert.equal(order(runs, "-p:p"), "x empty 10 9 1e-3 none");
});

test("a second key decides what the first leaves open", () => {
  const runs = [run("b", { a: 1, b: 1 }), run("c", { a: 1, b: 3 }), run("a", { a: 0, b: 2 })];
  assert.equal(order(runs, "m:a,-m:b"), "a c b");
  assert.equal(order(runs, "m:gone,-m:b"), "c a b", "a column that is gone is passed over");
});

test("an order survives the address", () => {
  for (const id of ["m:loss", "p:a,b", "m:100%", "m:%2C", "m:-x", "p:ü"]) {
    for (const down of [true, false]) assert.deepEqual(parseSort(sortText([{ id, down }, { id: "name", down: false }])), [{ id, down }, { id: "name", down: false }]);
  }
  assert.deepEqual(parseSort(""), [{ id: "start", down: true }]);
});

test("clicks", () => {
  const all = columnsOf([run("r", { a: 1 }, { p: "1" })]);
  const [a, name] = [all.find((c) => c.id === "m:a")!, all.find((c) => c.id === "name")!];
  const first = clicked(parseSort(""), a, false);
  assert.deepEqual(first, [{ id: "m:a", down: true }], "numbers begin with the largest");
  assert.deepEqual(clicked(first, a, false), [{ id: "m:a", down: false }]);
  assert.deepEqual(clicked(first, name, true), [{ id: "m:a", down: true }, { id: "name", down: false }]);
});

test("the server is asked for the same order", () => {
  assert.deepEqual(toOrder(parseSort("-m:a b,p:x,start,commit,duration,m:t`x")), [
    "metrics.`a b` DESC",
    "params.`x` ASC",
    "attributes.start_time ASC",
    "tags.`mlflow.source.git.commit` ASC",
    "metrics.`tx` ASC",
  ]);
});

test("columns: all are known, those that fit or were chosen are shown", () => {
  const wide = run("wide", Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`m${String(i).padStart(3, "0")}`, i])), { lr: "1" });
  const all = columnsOf([wide, run("system", { "system/cpu": 1 })]);
  assert.equal(all.length, 5 + 400 + 1);
  assert.equal(shownColumns(all, []).length, columnLimit);
  assert.deepEqual(shownColumns(all, ["m:m399", "p:lr", "m:gone", "name"]).map((c) => c.id), ["name", "m:m399", "p:lr"]);
  assert.equal(shownColumns(all, all.map((c) => c.id)).length, columnLimit);
});

test("only what differs", () => {
  const runs = [run("a", { m: 1 }, { same: "1", other: "1" }), run("b", { m: 1 }, { same: "1", other: "2" })];
  assert.deepEqual(onlyDiffering(columnsOf(runs), runs).map((c) => c.id).filter((id) => id.includes(":")), ["m:m", "p:other"]);
});
