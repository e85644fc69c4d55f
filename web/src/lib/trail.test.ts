import assert from "node:assert/strict";
import { test } from "node:test";
import type { TrailEvent } from "../api/types";
import { about, reason, words } from "./trail";

const event = (kind: string, detail?: Record<string, unknown>): TrailEvent => ({ seq: 1, time: 0, kind, detail });

test("every kind has its words", () => {
  for (const [kind, detail, want] of [
    ["version.registered", { version: 3, files: [] }, "registered v3"],
    ["version.stage", { version: 3, from: "None", to: "Production" }, "moved v3 to the stage Production"],
    ["version.stage", { version: 3, from: "Staging", to: "Production", archived_others: true }, "moved v3 from Staging to the stage Production and archived the others there"],
    ["version.deleted", { version: 3 }, "deleted v3"],
    ["version.deployed", { version: 3, environment: "eu-west" }, "deployed v3 to eu-west"],
    ["version.deployed", {}, "deployed a version"],
    ["model.renamed", { from: "a", to: "b" }, "renamed the model from a to b"],
    ["model.deleted", {}, "deleted the model"],
    ["alias.moved", { alias: "production", from: 1, to: 2 }, "moved production from v1 to v2"],
    ["alias.moved", { alias: "production", to: 2 }, "moved production to v2"],
    ["alias.removed", { alias: "production", from: 2 }, "removed production from v2"],
    ["policy.set", {}, "set the policy"],
    ["something.new", {}, "something.new"],
  ] as [string, Record<string, unknown>, string][])
    assert.equal(words(event(kind, detail)), want);
  assert.equal(words(event("version.deleted")), "deleted a version");
  assert.equal(reason(event("alias.moved", { reason: "better" })), "better");
  assert.equal(reason(event("alias.moved", { reason: {} })), "");
});

test("a version's trail holds what is about it", () => {
  const moved = event("alias.moved", { alias: "production", from: 1, to: 12 });
  assert.deepEqual([1, 2, 12].map((n) => about(moved, n)), [true, false, true]);
  assert.ok(about(event("version.stage", { version: 1, from: "None", to: "2" }), 1));
  assert.ok(!about(event("version.stage", { version: 1, from: "None", to: "2" }), 2));
  for (const kind of ["policy.set", "model.renamed", "model.deleted"]) assert.ok(!about(event(kind, { from: "1", to: "1" }), 1), kind);
});
