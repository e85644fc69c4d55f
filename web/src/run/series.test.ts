import assert from "node:assert/strict";
import { test } from "node:test";
import type { Curve, Point } from "../api/types";
import { askAfter, clip, draw, grow, isolated, smooth, unseen } from "./series";

const curve = (points: Point[], total = points.length): Curve => ({ total, points });

/** What the server answers when it holds these points. */
function ask(all: Point[], after: number | undefined): Curve {
  const sorted = [...all].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  return { total: sorted.length, points: sorted.filter((p) => after === undefined || p[0] > after) };
}

/** A page that shows `all` after `before`, as it does live. */
function live(before: Point[], all: Point[]): { points: Point[]; read: "grown" | "anew" } {
  const old = ask(before, undefined);
  const grown = grow(old, ask(all, askAfter(old)));
  return grown ? { points: grown.points, read: "grown" } : { points: ask(all, undefined).points, read: "anew" };
}

test("a curve that grew is the curve that a reload reads", () => {
  const start: Point[] = [[0, 1, 0.1], [1, 2, 0.2], [2, 3, 0.3]];
  for (const [name, more, read] of [
    ["the next step", [[3, 4, 0.4]], "grown"],
    ["the same step again", [[2, 4, 0.31]], "grown"],
    ["the same step and time again", [[2, 3, 0.5], [2, 3, 0.6]], "grown"],
    ["several of several steps", [[2, 4, 0.31], [3, 5, 0.4], [3, 6, 0.41], [9, 7, null]], "grown"],
    ["the last step, earlier", [[2, 1, 0.29]], "grown"],
    ["an earlier step", [[1, 9, 0.25]], "anew"],
    ["an earlier step and the next", [[1, 9, 0.25], [3, 10, 0.4]], "anew"],
    ["nothing", [], "grown"],
  ] as [string, Point[], string][]) {
    const all = [...start, ...more];
    const got = live(start, all);
    assert.deepEqual(got.points, ask(all, undefined).points, name);
    assert.equal(got.read, read, name);
  }
});

test("a curve without news is the same object, so that nothing is drawn again", () => {
  const old = curve([[0, 1, 1], [1, 2, 2]]);
  assert.equal(grow(old, curve([[1, 2, 2]], 2)), old);
});

test("thinned curves grow while the counts agree", () => {
  const old = curve([[0, 0, 1], [500, 500, 2], [999, 999, 3]], 1000);
  assert.deepEqual(grow(old, curve([[999, 999, 3], [1000, 1000, 4]], 1001)), curve([...old.points, [1000, 1000, 4]], 1001));
  assert.equal(grow(old, curve([[999, 999, 3], [3000, 3000, 4]], 3001)), undefined, "the news were thinned");
});

test("a first point comes from nothing", () => {
  assert.deepEqual(grow(curve([]), curve([[5, 1, 1]])), curve([[5, 1, 1]]));
  assert.equal(askAfter(undefined), undefined);
  assert.equal(askAfter(curve([])), undefined);
  assert.equal(askAfter(curve([[0, 1, 1]])), -1);
  assert.equal(askAfter(curve([[2 ** 60, 1, 1]])), undefined, "steps that this language cannot count");
});

test("smoothing keeps gaps and does not pull to zero", () => {
  assert.deepEqual(smooth([1, null, 1, 1], 0.9).map((v) => v && Math.round(v * 1e9) / 1e9), [1, null, 1, 1]);
  const s = smooth([0, 10], 0.5);
  assert.equal(s[0], 0);
  assert.ok(Math.abs(s[1]! - 20 / 3) < 1e-9);
  const same = [1, 2];
  assert.equal(smooth(same, 0), same);
});

test("axes", () => {
  const points: Point[] = [[0, 5000, 1], [1, 4000, -1], [2, 9000, 0]];
  assert.deepEqual(draw(points, { x: "step", weight: 0, log: false }).x, [0, 1, 2]);
  assert.deepEqual(draw(points, { x: "step", weight: 0, log: true }).raw, [1, null, null], "a log axis has no place for these");
  const time = draw(points, { x: "time", weight: 0, log: false });
  assert.deepEqual(time.raw, [-1, 1, 0], "in the order of time");
  assert.deepEqual([...time.x].sort((a, b) => a - b), time.x);
});

test("far values are clipped and counted", () => {
  const near = Array.from({ length: 100 }, (_, i) => i / 100);
  assert.equal(clip(near), undefined);
  assert.deepEqual(clip([...near, 1e9, -1e9, NaN, Infinity]), { min: 0, max: 0.99, outside: 2 });
  assert.equal(clip([1, 2, 1e9]), undefined, "too few to say what is far");
  assert.equal(clip([...new Array<number>(99).fill(1), 5]), undefined, "a constant has no scale");
});

test("values that no line leads to are drawn as points", () => {
  const _ = undefined;
  for (const [values, want] of [
    [[], []],
    [[null, null], []],
    [[1], [0]],
    [[1, 2], []],
    [[0.5, null, 0.7], [0, 2]],
    [[0.5, 0.6, null, 0.7], [3]],
    [[null, 1, null, 2, 3, null], [1]],
    [[_, 1, _, _], [1]],
    [[1, _, _, 2], []],
    [[1, _, null, _, 2, _, 3], [0]],
  ] as [(number | null | undefined)[], number[]][])
    assert.deepEqual(isolated(values), want, JSON.stringify(values));
  assert.deepEqual(unseen([1, null, _, null]), [1, 3]);
});
