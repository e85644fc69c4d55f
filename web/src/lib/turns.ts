/** Runs one piece of work at a time: calls that come meanwhile are one more
 * turn after it, so that what they are about is not missed; at least `pause`
 * ms lie between the beginnings of two turns. */
export function turns(work: () => Promise<unknown>, pause = 0): () => void {
  let busy = false;
  let again = false;
  const run = async () => {
    busy = true;
    do {
      again = false;
      const rest = new Promise((r) => setTimeout(r, pause));
      await Promise.all([work().catch(() => undefined), rest]);
    } while (again);
    busy = false;
  };
  return () => {
    again = true;
    if (!busy) void run();
  };
}
