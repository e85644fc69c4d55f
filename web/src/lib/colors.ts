/** How a run is drawn wherever it is drawn: a place among the eight colours of
 * the style sheet, and dashes (pixels on, off, …; empty: a full line). */
export interface Look {
  color: number;
  dash: number[];
}

export const colors = 8;

const dashes: number[][] = [[], [6, 4], [2, 3], [8, 3, 2, 3]];

/** A run's own colour follows from its id alone: the same on every page, for
 * everybody, whatever else is shown. */
export function colorOf(id: string): number {
  let h = 0;
  for (let i = 0; i < id.length; i++) h = (Math.imul(h, 31) + id.charCodeAt(i)) >>> 0;
  return ((h ^ (h >>> 15)) >>> 0) % colors;
}

/** Looks of runs that are drawn together. A run keeps its colour unless an
 * earlier one of the list has the same: then it takes one that fewer have,
 * dashed when there is none that nobody has. */
export function looks(ids: string[]): Map<string, Look> {
  const used = new Array<number>(colors).fill(0);
  const out = new Map<string, Look>();
  const take = (id: string, color: number) => out.set(id, { color, dash: dashes[used[color]!++ % dashes.length]! });
  const all = [...new Set(ids)];
  for (const id of all) if (!used[colorOf(id)]) take(id, colorOf(id));
  for (const id of all) {
    if (out.has(id)) continue;
    const own = colorOf(id);
    const least = Math.min(...used);
    take(id, used[own] === least ? own : used.indexOf(least));
  }
  return out;
}
