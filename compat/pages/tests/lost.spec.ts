import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, rowNamed, test } from "./test";
import { world } from "./world";

/** Starts a server and returns where it listens. */
async function start(listen: string, data: string): Promise<{ process: ChildProcess; url: string }> {
  const process = spawn(world.bin, ["server", "--listen", listen, "--data", data], { stdio: ["ignore", "pipe", "ignore"] });
  for await (const line of createInterface(process.stdout!)) {
    const at = /listening on (\S+)/.exec(line);
    if (at) return { process, url: at[1]! };
  }
  throw new Error("the server ended before it listened");
}

async function stop(p: ChildProcess) {
  const ended = once(p, "exit");
  p.kill("SIGINT");
  await ended;
}

test("a lost connection says so and heals by itself", async ({ page, request, troubles }) => {
  troubles.allow(/net::ERR_/);
  const data = mkdtempSync(join(tmpdir(), "assay-pages-lost-"));
  let server = await start("127.0.0.1:0", data);
  const mlflow = `${server.url}/api/2.0/mlflow`;
  try {
    const made = await request.post(`${mlflow}/runs/create`, { data: { experiment_id: "0", run_name: "steady", start_time: Date.now() } });
    const id = ((await made.json()) as { run: { info: { run_id: string } } }).run.info.run_id;
    await page.goto(`${server.url}/experiments/0`);
    await expect(rowNamed(page, "steady")).toContainText("running");
    await expect(page.getByText("connection lost")).toHaveCount(0);

    await stop(server.process);
    await expect(page.getByText("connection lost, trying again")).toBeVisible();
    await expect(rowNamed(page, "steady")).toContainText("running"); // what was shown stays

    server = await start(new URL(server.url).host, data);
    // What happened before the page is back must be seen afterwards.
    await request.post(`${mlflow}/runs/log-batch`, { data: { run_id: id, metrics: [{ key: "accuracy", value: 0.7654, step: 1, timestamp: Date.now() }] } });
    await expect(page.getByText("connection lost")).toHaveCount(0, { timeout: 20_000 });
    await expect(rowNamed(page, "steady")).toContainText("0.7654");
  } finally {
    await stop(server.process);
    rmSync(data, { recursive: true, force: true });
  }
});
