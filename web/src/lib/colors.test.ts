import assert from "node:assert/strict";
import { test } from "node:test";
import { colorOf, colors, looks } from "./colors";

const ids = Array.from({ length: 400 }, (_, i) => (i * 2_654_435_761).toString(16).padStart(32, "0"));

test("a run's colour is one of eight and does not depend on its company", () => {
  for (const id of [...ids, "", "ünï"]) {
    const c = colorOf(id);
    assert.ok(Number.isInteger(c) && c >= 0 && c < colors, `${id}: ${c}`);
  }
  const all = looks(ids);
  const few = looks(ids.slice(200, 203));
  for (const id of ids.slice(200, 203)) assert.equal(few.get(id)!.color, all.get(id)!.color);
});

test("all colours are used about equally", () => {
  const n = new Array<number>(colors).fill(0);
  for (const id of ids) n[colorOf(id)]!++;
  for (const [c, count] of n.entries()) assert.ok(count > 20 && count < 90, `colour ${c}: ${count} of 400`);
});

test("lines of one colour are told apart by dashes", () => {
  const same = ids.filter((id) => colorOf(id) === 3).slice(0, 4);
  const drawn = looks([...same, same[0]!]);
  assert.equal(drawn.size, 4);
  assert.equal(new Set([...drawn.values()].map((l) => l.dash.join())).size, 4);
  assert.deepEqual(drawn.get(same[0]!)!.dash, [], "the first is a full line");
});
