import type { APIRequestContext } from "@playwright/test";
import { expect, rowNamed, test } from "./test";
import { world } from "./world";

const mlflow = `${world.server}/api/2.0/mlflow`;

async function startRun(request: APIRequestContext, name: string): Promise<string> {
  const res = await request.post(`${mlflow}/runs/create`, { data: { experiment_id: world.experiments.live, run_name: name, start_time: Date.now() } });
  return ((await res.json()) as { run: { info: { run_id: string } } }).run.info.run_id;
}

async function log(request: APIRequestContext, run: string, step: number, value: number) {
  const metrics = [{ key: "accuracy", value, step, timestamp: Date.now() }];
  expect((await request.post(`${mlflow}/runs/log-batch`, { data: { run_id: run, metrics } })).status()).toBe(200);
}

test("a curve grows while it is looked at", async ({ page, request }) => {
  const run = await startRun(request, "growing");
  for (let step = 1; step <= 3; step++) await log(request, run, step, 0.5 + step / 100);
  await page.goto(`${world.server}/runs/${run}/curves`);
  const chart = page.getByRole("figure").filter({ hasText: /^accuracy/ });
  await expect(chart).toContainText("0.5300");
  await expect(chart).toContainText("step 3");
  await chart.locator("canvas").evaluate((c) => c.setAttribute("data-first", "yes"));
  for (let step = 4; step <= 9; step++) await log(request, run, step, 0.5 + step / 100);
  await expect(chart).toContainText("0.5900");
  await expect(chart).toContainText("step 9");
  // Neither the page nor the chart was made anew.
  await expect(chart.locator("canvas")).toHaveAttribute("data-first", "yes");
});

test("the table hears of new runs, new values and their end", async ({ page, request }) => {
  const run = await startRun(request, "first");
  await log(request, run, 1, 0.1234);
  await page.goto(`${world.server}/experiments/${world.experiments.live}`);
  await expect(rowNamed(page, "first")).toContainText("0.1234");
  await log(request, run, 2, 0.4321);
  await expect(rowNamed(page, "first")).toContainText("0.4321");
  await startRun(request, "second");
  // Other tests start runs in this experiment as well, so the first row may be theirs.
  await expect(rowNamed(page, "second")).toContainText("running");
  const place = async (name: string) => Number(await rowNamed(page, name).getAttribute("aria-rowindex"));
  expect(await place("second"), "the newest stands above").toBeLessThan(await place("first"));
  await request.post(`${mlflow}/runs/update`, { data: { run_id: run, status: "FINISHED", end_time: Date.now() } });
  await expect(rowNamed(page, "first")).toContainText("finished");
});

test("output follows", async ({ page, request }) => {
  const run = await startRun(request, "talking");
  const say = (offset: number, text: string) => request.post(`${world.server}/api/assay/v1/runs/${run}/streams/output?offset=${offset}`, { data: Buffer.from(text) });
  await say(0, "epoch 1\n");
  await page.goto(`${world.server}/runs/${run}/output`);
  const output = page.getByLabel("Output", { exact: true });
  await expect(output).toHaveText("epoch 1");
  await say(8, "10 %\r50 %\r100 %\nepoch 2\n");
  await expect(output).toHaveText("epoch 1\n100 %\nepoch 2");
});
