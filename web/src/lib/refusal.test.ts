import assert from "node:assert/strict";
import { test } from "node:test";
import { lacking } from "./refusal";

test("a refusal is a headline and what is lacking", () => {
  const what = "version 3 does not meet its policy";
  assert.deepEqual(lacking(`${what}: it needs 1 approval, it has 0; a reason must be given`), {
    headline: "Version 3 does not meet its policy",
    items: ["it needs 1 approval, it has 0", "a reason must be given"],
  });
  assert.deepEqual(lacking(`${what}: a reason must be given`).items, ["a reason must be given"]);
});

test("other messages stay whole", () => {
  for (const m of ["", "no version 9", "reading the model: it is gone", "this; and that"]) assert.deepEqual(lacking(m), { headline: m, items: [] });
});
