import assert from "node:assert/strict";
import { test } from "node:test";
import { logRange, logTicks, plainTicks, tickText } from "./ticks";

test("a log axis has round values inside its ends", () => {
  for (const [min, max, want] of [
    [0.38, 1.04, [0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]],
    [0.04, 0.32, [0.05, 0.1, 0.2]],
    [0.02, 2.5, [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2]],
    [1e-5, 1e2, [1e-5, 1e-3, 0.1, 10]],
    [0.952, 0.991, [0.96, 0.97, 0.98, 0.99]],
    [5100, 5500, [5100, 5200, 5300, 5400, 5500]],
    [1, 1, []],
    [0, 1, []],
    [-1, 1, []],
    [1, Infinity, []],
  ] as [number, number, number[]][])
    assert.deepEqual(logTicks(min, max), want, `${min} to ${max}`);
});

test("no axis has more labels than fit", () => {
  for (let e = -12; e < 12; e++)
    for (const width of [1.001, 1.5, 3, 10, 97, 1e4, 1e9]) {
      const min = 3.7 * 10 ** e;
      const ticks = logTicks(min, min * width);
      assert.ok(ticks.length >= 3 && ticks.length <= 8, `${min} times ${width}: ${ticks.join(" ")}`);
      assert.ok(ticks.every((v) => v >= min * 0.999999 && v <= min * width * 1.000001));
    }
  assert.deepEqual(plainTicks(-1, 1), [-1, -0.5, 0, 0.5, 1]);
});

test("the ends of a log axis lie near the curve", () => {
  assert.deepEqual(logRange(null, null), [0.1, 1]);
  assert.deepEqual(logRange(-1, 1), [0.1, 1]);
  assert.deepEqual(logRange(1, 1), [0.5, 2]);
  const [low, high] = logRange(0.4, 0.99);
  assert.ok(low > 0.37 && low < 0.4 && high > 0.99 && high < 1.1, `${low} to ${high}`);
});

test("labels are grouped like all numbers", () => {
  for (const [v, want] of [
    [0, "0"],
    [0.1 + 0.2, "0.3"],
    [-0.5, "−0.5"],
    [10000, "10,000"],
    [250000, "250,000"],
    [2e6, "2e6"],
    [2.5e-6, "2.5e−6"],
    [0.0015, "0.0015"],
    [1234.5, "1,234.5"],
  ] as const)
    assert.equal(tickText(v), want);
});
