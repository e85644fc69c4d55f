/** How a run is drawn wherever it is drawn: a place among the eight colours of
 * the style sheet, and dashes (pixels on, off, …; empty: a full line). */
export interface Look {
  color: number;
  dash: number[];
}

export const colors = 8;

const dashes: number[][] = [[], [6, 4], [2, 3], [8, 3, 2, 3]];

/** A run's colour follows from its id alone: it is the same on every page, for
 * everybody, whatever else is shown. */
export function colorOf(id: string): number {
  let h = 0;
  for (let i = 0; i < id.length; i++) h = (Math.imul(h, 31) + id.charCodeAt(i)) >>> 0;
  return ((h ^ (h >>> 15)) >>> 0) % colors;
}

/** Looks of runs that are drawn together: where colours meet, the later ones
 * are dashed. */
export function looks(ids: string[]): Map<string, Look> {
  const seen = new Array<number>(colors).fill(0);
  const out = new Map<string, Look>();
  for (const id of ids) {
    if (out.has(id)) continue;
    const color = colorOf(id);
    out.set(id, { color, dash: dashes[seen[color]! % dashes.length]! });
    seen[color]!++;
  }
  return out;
}
