import * as client from "../api/client";

/** Larger files are downloaded, not shown. */
export const showLimit = 5_000_000; // bytes

const images: Record<string, string> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  bmp: "image/bmp",
  avif: "image/avif",
  svg: "image/svg+xml",
};

export type Content =
  | { kind: "image"; blob: Blob }
  | { kind: "table"; rows: string[][]; more: boolean }
  | { kind: "text"; text: string }
  | { kind: "binary" };

/** Reads a file for showing. What it is follows from its name and its bytes;
 * HTML is text like any other. */
export async function read(runID: string, path: string): Promise<Content> {
  const res = await client.request(client.artifactURL(runID, path));
  const bytes = await res.arrayBuffer();
  const ext = path.split(".").pop()?.toLowerCase() ?? "";
  const image = images[ext];
  if (image) return { kind: "image", blob: new Blob([bytes], { type: image }) };
  if (new Uint8Array(bytes.slice(0, 8000)).includes(0)) return { kind: "binary" };
  const text = new TextDecoder().decode(bytes);
  if (ext === "csv" || ext === "tsv") return table(text, ext === "csv" ? "," : "\t");
  return { kind: "text", text: ext === "json" ? pretty(text) : text };
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text; // not JSON after all, or with NaN: shown as it is
  }
}

const rowLimit = 500;

/** Reads separated values after RFC 4180, as many rows as are shown. */
export function table(text: string, separator: string): Content {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  let i = 0;
  for (; i < text.length && rows.length <= rowLimit; i++) {
    const c = text[i]!;
    if (quoted) {
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') {
        cell += '"';
        i++;
      } else quoted = false;
    } else if (c === '"' && cell === "") quoted = true;
    else if (c === separator) {
      row.push(cell);
      cell = "";
    } else if (c === "\n") {
      rows.push([...row, cell.replace(/\r$/, "")]);
      row = [];
      cell = "";
    } else cell += c;
  }
  if (cell || row.length) rows.push([...row, cell]);
  return { kind: "table", rows, more: i < text.length };
}
