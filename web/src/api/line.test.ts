import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { concerns, gather, Line, linger, retry, type Listener, type Source } from "./line";
import type { News } from "./types";

class Fake implements Source {
  onopen: (() => void) | null = null;
  onmessage: ((e: { data: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  readyState = 0;
  shut = false;
  close() {
    this.shut = true;
  }
  say(news: unknown) {
    this.onmessage?.({ data: JSON.stringify(news) });
  }
}

function setUp(t: TestContext) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const sources: Fake[] = [];
  const lost: boolean[] = [];
  const line = new Line(
    () => {
      sources.push(new Fake());
      return sources.at(-1)!;
    },
    (v) => lost.push(v),
  );
  const heard: (News[] | "again")[] = [];
  const listener: Listener = (n) => heard.push(n);
  return { line, sources, lost, heard, listener, tick: (ms: number) => t.mock.timers.tick(ms) };
}

const news = (run: string, kind = "metrics"): News => ({ experiment: "1", run, kind });

test("news come in batches, to all listeners", (t) => {
  const { line, sources, heard, listener, tick } = setUp(t);
  line.listen(listener);
  const others: (News[] | "again")[] = [];
  line.listen((n) => others.push(n));
  assert.equal(sources.length, 1, "one line for all");
  sources[0]!.say(news("a"));
  sources[0]!.say(news("b"));
  sources[0]!.onmessage!({ data: "no json" });
  assert.deepEqual(heard, []);
  tick(gather);
  sources[0]!.say(news("c"));
  tick(gather);
  assert.deepEqual(heard, [[news("a"), news("b")], [news("c")]]);
  assert.deepEqual(others, heard);
});

test("every opening asks anew: what was before it is not told", (t) => {
  const { line, sources, lost, heard, listener } = setUp(t);
  line.listen(listener);
  sources[0]!.onopen!();
  assert.deepEqual(heard, ["again"]);
  sources[0]!.onerror!();
  assert.deepEqual(lost, [false, true]);
  assert.equal(sources.length, 1, "the browser tries again by itself");
  sources[0]!.onopen!();
  assert.deepEqual(heard, ["again", "again"]);
  assert.deepEqual(lost, [false, true, false]);
});

test("a line that was refused is tried again later", (t) => {
  const { line, sources, listener, tick } = setUp(t);
  line.listen(listener);
  sources[0]!.readyState = 2;
  sources[0]!.onerror!();
  tick(retry - 1);
  assert.equal(sources.length, 1);
  tick(1);
  assert.equal(sources.length, 2);
});

test("the line lingers from one page to the next, not longer", (t) => {
  const { line, sources, listener, tick } = setUp(t);
  const leave = line.listen(listener);
  leave();
  tick(linger - 1);
  const leave2 = line.listen(listener);
  tick(linger * 2);
  assert.equal(sources.length, 1);
  assert.equal(sources[0]!.shut, false);
  leave2();
  tick(linger);
  assert.equal(sources[0]!.shut, true);
});

test("a page that is not seen holds no line", (t) => {
  const { line, sources, listener } = setUp(t);
  line.listen(listener);
  line.setHidden(true);
  assert.equal(sources[0]!.shut, true);
  line.setHidden(false);
  assert.equal(sources.length, 2);
});

test("whom news concern", () => {
  assert.ok(concerns("again", "r", "1"));
  assert.ok(concerns([news("x"), news("r")], "r", "1"));
  assert.ok(!concerns([news("x")], "r", "1"));
  assert.ok(concerns([{ experiment: "1", kind: "metrics" }], "r", "1"), "runs are no longer told apart");
  assert.ok(!concerns([{ experiment: "2", kind: "metrics" }], "r", "1"));
  assert.ok(!concerns([{ experiment: "1", kind: "registry" }], "r", "1"));
});
