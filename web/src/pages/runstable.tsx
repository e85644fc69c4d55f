import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useEffect, useRef, useState, type CSSProperties } from "react";
import { Link } from "wouter";
import { navigate } from "wouter/use-browser-location";
import type { Run } from "../api/types";
import { to } from "../lib/address";
import { useKeys } from "../ui/keys";
import type { Column } from "./columns";
import { clicked, type Sort } from "./sort";

const rowHeight = 32; // pixels; the style sheet says the same

interface Props {
  rows: Run[];
  columns: Column[];
  sort: Sort[];
  setSort: (s: Sort[]) => void;
}

/** Runs, one a row. Only what is seen is drawn; header and first column stay. */
export function RunsTable({ rows, columns, sort, setSort }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(-1);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollPaddingStart: rowHeight,
    scrollPaddingEnd: rowHeight,
  });
  const tick = useTicks();
  useKeys((key, e) => {
    const row = rows[at];
    if (key === "Enter" && row && !(e.target as HTMLElement).closest("a, button")) navigate(to("runs", row.info.run_id));
    if (key !== "j" && key !== "k") return;
    const next = Math.min(Math.max(at + (key === "j" ? 1 : -1), 0), rows.length - 1);
    setAt(next);
    virtual.scrollToIndex(next);
  });
  const width = columns.reduce((sum, c) => sum + c.width, 0);
  return (
    <div className={columns.some((c) => c.id === "status") ? "runs worded" : "runs"} ref={scroller} role="table" aria-label="Runs" aria-rowcount={rows.length + 1} tabIndex={0}>
      <div className="runs-inner" style={{ height: virtual.getTotalSize() + rowHeight, width }} role="rowgroup">
        <div className="tr th" role="row" aria-rowindex={1} style={{ width }}>
          {columns.map((c) => (
            <Head key={c.id} column={c} sort={sort} setSort={setSort} />
          ))}
        </div>
        {virtual.getVirtualItems().map((item) => {
          const run = rows[item.index];
          return run && <Row key={run.info.run_id} run={run} columns={columns} index={item.index} top={item.start + rowHeight} on={item.index === at} width={width} tick={tick} />;
        })}
      </div>
    </div>
  );
}

/** Keeps "3 min ago" true while nothing else happens. */
function useTicks() {
  const [ticks, tick] = useState(0);
  useEffect(() => {
    const t = window.setInterval(() => tick((n) => n + 1), 30_000);
    return () => window.clearInterval(t);
  }, []);
  return ticks;
}

const box = (c: Column): CSSProperties => ({ width: c.width });

const kind = (c: Column, i: number) => `td${c.right ? " right num" : ""}${i === 0 ? " first" : ""}`;

function Head({ column: c, sort, setSort }: { column: Column; sort: Sort[]; setSort: Props["setSort"] }) {
  const place = sort.findIndex((s) => s.id === c.id);
  const mine = sort[place];
  return (
    <div
      role="columnheader"
      className={kind(c, c.id === "name" ? 0 : 1)}
      style={box(c)}
      aria-sort={mine ? (mine.down ? "descending" : "ascending") : undefined}
    >
      <button type="button" title={`${c.full}; click sorts, shift-click adds`} onClick={(e) => setSort(clicked(sort, c, e.shiftKey))}>
        <span className="cut">{c.title}</span>
        {mine && (
          <span className="arrow" aria-hidden="true">
            {mine.down ? "↓" : "↑"}
            {sort.length > 1 && <sub>{place + 1}</sub>}
          </span>
        )}
      </button>
    </div>
  );
}

interface RowProps {
  run: Run;
  columns: Column[];
  index: number;
  top: number;
  on: boolean;
  width: number;
  tick: number; // another one draws the row's times again
}

const Row = memo(function Row({ run, columns, index, top, on, width }: RowProps) {
  return (
    <div className={on ? "tr on" : "tr"} role="row" aria-rowindex={index + 2} style={{ top, width }}>
      {columns.map((c, i) => (
        <div key={c.id} role={i === 0 ? "rowheader" : "cell"} className={kind(c, i)} style={box(c)} title={c.hint?.(run)}>
          {i === 0 ? <Link href={to("runs", run.info.run_id)}>{c.cell(run)}</Link> : c.cell(run)}
        </div>
      ))}
    </div>
  );
});
