import assert from "node:assert/strict";
import { test } from "node:test";
import { turns } from "./turns";

const settle = async () => {
  for (let i = 0; i < 20; i++) await new Promise((r) => setImmediate(r));
};

test("what comes during a turn has one turn after it", async () => {
  const open: (() => void)[] = [];
  const go = turns(() => new Promise<void>((r) => open.push(r)));
  go();
  go();
  go();
  assert.equal(open.length, 1, "one at a time");
  open[0]!();
  await new Promise((r) => setTimeout(r, 5));
  assert.equal(open.length, 2, "the calls that came meanwhile share a turn");
  open[1]!();
  await new Promise((r) => setTimeout(r, 5));
  assert.equal(open.length, 2);
  go();
  assert.equal(open.length, 3, "a call when all is quiet begins at once");
});

test("turns keep their distance, and go on after a failure", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let n = 0;
  const go = turns(() => Promise.reject(new Error(String(n++))), 1000);
  go();
  go();
  await settle();
  assert.equal(n, 1);
  t.mock.timers.tick(999);
  await settle();
  assert.equal(n, 1);
  t.mock.timers.tick(1);
  await settle();
  assert.equal(n, 2);
});
