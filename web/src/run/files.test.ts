import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { read, table } from "./files";

const rows = (text: string, separator = ",") => {
  const t = table(text, separator);
  return t.kind === "table" ? t.rows : t.kind;
};

test("separated values after RFC 4180", () => {
  assert.deepEqual(rows("a,b\n1,2\n"), [["a", "b"], ["1", "2"]]);
  assert.deepEqual(rows("a,b\r\n1,2"), [["a", "b"], ["1", "2"]]);
  assert.deepEqual(rows('"x, y","say ""hi""","two\nlines"\n'), [["x, y", 'say "hi"', "two\nlines"]]);
  assert.deepEqual(rows("a\tb\n", "\t"), [["a", "b"]]);
  assert.deepEqual(rows(",\n"), [["", ""]]);
  assert.deepEqual(rows('5" nail,1'), [['5" nail', "1"]], "a quote within a cell is itself");
  assert.deepEqual(rows('"never closed,1\n2'), [["never closed,1\n2"]]);
  assert.deepEqual(rows(""), []);
});

test("a long table says that there is more", () => {
  const all = "1,2\n".repeat(2000);
  const t = table(all, ",");
  assert.ok(t.kind === "table" && t.more && t.rows.length === 501, JSON.stringify(t).slice(0, 80));
  const short = table("1,2\n".repeat(20), ",");
  assert.ok(short.kind === "table" && !short.more);
});

function serve(t: TestContext, body: string | Uint8Array<ArrayBuffer>) {
  (globalThis as { window?: unknown }).window = globalThis;
  t.mock.method(globalThis, "fetch", async () => new Response(body));
}

test("what a file is follows from name and bytes", async (t) => {
  const kind = async (path: string, body: string | Uint8Array<ArrayBuffer>) => {
    serve(t, body);
    return read("r", path);
  };
  assert.deepEqual(await kind("a.json", '{"a":1}'), { kind: "text", text: '{\n  "a": 1\n}' });
  assert.deepEqual(await kind("a.json", '{"a":NaN}'), { kind: "text", text: '{"a":NaN}' });
  assert.deepEqual(await kind("a.html", "<script>alert(1)</script>"), { kind: "text", text: "<script>alert(1)</script>" });
  assert.deepEqual(await kind("model.bin", new Uint8Array([1, 0, 2])), { kind: "binary" });
  assert.deepEqual(await kind("t.tsv", "a\tb"), { kind: "table", rows: [["a", "b"]], more: false });
  const image = await kind("dir/A.PNG", new Uint8Array([0, 1]));
  assert.ok(image.kind === "image" && image.blob.type === "image/png");
});
