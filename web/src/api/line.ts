import type { News } from "./types";

/** What changed, in batches, or "again" where some may have been missed. */
export type Listener = (news: News[] | "again") => void;

/** The part of an EventSource that is used. */
export interface Source {
  onopen: (() => void) | null;
  onmessage: ((e: { data: string }) => void) | null;
  onerror: (() => void) | null;
  readyState: number;
  close(): void;
}

const closed = 2; // EventSource.CLOSED

export const gather = 500; // ms that news wait for others
export const linger = 3000; // ms that the line stays open without a listener: the next page has one
export const retry = 5000; // ms until a line that was refused is tried again

/** One line to the server for all listeners, open only while somebody listens
 * and the page is seen: browsers allow few open connections to one server, and
 * twenty forgotten tabs must not use them up. */
export class Line {
  private listeners = new Set<Listener>();
  private source: Source | undefined;
  private waiting: News[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private leaving: ReturnType<typeof setTimeout> | undefined;
  private hidden = false;

  constructor(
    private connect: () => Source,
    private setLost: (lost: boolean) => void,
  ) {}

  listen(l: Listener): () => void {
    this.listeners.add(l);
    clearTimeout(this.leaving);
    this.open();
    return () => {
      this.listeners.delete(l);
      if (this.listeners.size) return;
      clearTimeout(this.leaving);
      this.leaving = setTimeout(() => this.listeners.size || this.close(), linger);
    };
  }

  setHidden(hidden: boolean) {
    this.hidden = hidden;
    if (hidden) this.close();
    else this.open();
  }

  private open() {
    if (this.source || this.listeners.size === 0 || this.hidden) return;
    const s = this.connect();
    this.source = s;
    s.onopen = () => {
      this.setLost(false);
      // What happened before is not told: also what a page read while the line
      // was being opened may be old by now.
      this.tell("again");
    };
    s.onmessage = (e) => {
      try {
        this.waiting.push(JSON.parse(e.data) as News);
      } catch {
        return; // a line that is no news
      }
      this.timer ??= setTimeout(() => this.flush(), gather);
    };
    s.onerror = () => {
      this.setLost(true);
      if (s.readyState !== closed) return; // it tries again by itself
      this.close();
      setTimeout(() => this.open(), retry);
    };
  }

  private close() {
    this.source?.close();
    this.source = undefined;
  }

  private flush() {
    this.timer = undefined;
    const batch = this.waiting;
    this.waiting = [];
    this.tell(batch);
  }

  private tell(news: News[] | "again") {
    for (const l of [...this.listeners]) l(news);
  }
}

/** Whether news may be about a run: when very much happens, the server tells
 * experiments apart, not their runs. */
export const concerns = (news: News[] | "again", run: string, experiment: string | undefined) =>
  news === "again" || news.some((n) => n.run === run || (!n.run && n.experiment === experiment && n.kind !== "registry"));
