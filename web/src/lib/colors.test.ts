import assert from "node:assert/strict";
import { test } from "node:test";
import { colorOf, colors, looks } from "./colors";

const ids = Array.from({ length: 400 }, (_, i) => (i * 2_654_435_761).toString(16).padStart(32, "0"));

test("a run's own colour is one of eight, and it has it wherever that is free", () => {
  for (const id of [...ids, "", "ünï"]) {
    const c = colorOf(id);
    assert.ok(Number.isInteger(c) && c >= 0 && c < colors, `${id}: ${c}`);
  }
  for (const id of ids) assert.deepEqual(looks([id]).get(id), { color: colorOf(id), dash: [] });
  const one = Array.from({ length: colors }, (_, c) => ids.find((id) => colorOf(id) === c)!);
  for (const [id, look] of looks(one)) assert.deepEqual(look, { color: colorOf(id), dash: [] });
});

test("all colours are used about equally", () => {
  const n = new Array<number>(colors).fill(0);
  for (const id of ids) n[colorOf(id)]!++;
  for (const [c, count] of n.entries()) assert.ok(count > 20 && count < 90, `colour ${c}: ${count} of 400`);
});

test("no colour is used twice while one is free", () => {
  const same = ids.filter((id) => colorOf(id) === 3).slice(0, 6);
  const two = ids.filter((id) => colorOf(id) === 5).slice(0, 2);
  const drawn = looks([...same, ...two, same[0]!]);
  assert.equal(drawn.size, 8);
  assert.equal(new Set([...drawn.values()].map((l) => l.color)).size, 8);
  for (const l of drawn.values()) assert.deepEqual(l.dash, []);
  assert.equal(drawn.get(same[0]!)!.color, 3, "the first keeps its own");
  assert.equal(drawn.get(two[0]!)!.color, 5, "nobody takes a colour that is another's own");
});

test("beyond eight, lines of one colour are told apart by dashes", () => {
  const drawn = looks(ids.slice(0, 24));
  assert.equal(new Set([...drawn.values()].map((l) => `${l.color} ${l.dash.join()}`)).size, 24);
  assert.equal([...drawn.values()].filter((l) => !l.dash.length).length, colors);
});
