import assert from "node:assert/strict";
import { test } from "node:test";
import { segments, to } from "./address";
import { joinList, splitList } from "./list";

const names = ["plain", "team/digits-trainer", "100%", "%2F", "a b?c#d&e=f", "ünï→▲", "-minus", "a,b", "%2C", "%252C,", "..", "m:loss,p:lr"];

test("a path gives its parts back", () => {
  for (const n of names) assert.deepEqual(segments(to("changes", n, 7)), ["changes", n, "7"]);
  assert.equal(to("changes", "team/digits", 7), "/changes/team%2Fdigits/7");
  assert.deepEqual(segments("/"), []);
  assert.deepEqual(segments("/runs/100%/"), ["runs", "100%"], "what is no encoding stands as it is");
});

test("a list in the address gives its names back", () => {
  assert.deepEqual(splitList(joinList(names)), names);
  assert.deepEqual(splitList(""), []);
  const q = new URLSearchParams({ columns: joinList(names) });
  assert.deepEqual(splitList(new URLSearchParams(q.toString()).get("columns")!), names);
});
