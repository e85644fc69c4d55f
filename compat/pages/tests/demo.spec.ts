import { expect, test } from "./test";
import { picturesLoaded } from "./places";
import { world } from "./world";

const { demo } = world;

test("the small forge shows the comment with its pictures", async ({ page }) => {
  await page.goto(demo.forge);
  await page.getByRole("link", { name: "More hidden units: 8 → 64" }).click();
  const comment = page.locator(".comment").first();
  await expect(comment).toContainText("▲ Better than main: accuracy 90.4 % → 98.0 %");
  await expect(comment).toContainText("newly right");
  expect(await page.locator("img").count()).toBeGreaterThan(0);
  await picturesLoaded(page);
});

test("the comment leads to the run on the server", async ({ page }) => {
  await page.goto(`${demo.forge}/digits-trainer/changes/1`);
  await page.getByRole("link", { name: "Run", exact: true }).first().click();
  await expect(page).toHaveURL(new RegExp(`^${demo.server}/runs/`));
  await expect(page.getByText("finished").first()).toBeVisible();
});

test("the merge request draws what the report decided by", async ({ page }) => {
  await page.goto(`${demo.server}/changes/digits-trainer/2`);
  await expect(page.getByRole("figure").first()).toContainText(/^val_accuracy/);
});

test("a digit that is drawn is recognised", async ({ page }) => {
  await page.goto(demo.drawing);
  await expect(page.getByText("nothing drawn yet")).toBeVisible();
  const board = page.locator("#canvas");
  await board.scrollIntoViewIfNeeded();
  const box = (await board.boundingBox())!;
  const at = (x: number, y: number) => [box.x + (x / 280) * box.width, box.y + (y / 280) * box.height] as const;
  // A one: a short stroke up, a long one down.
  await page.mouse.move(...at(106, 110));
  await page.mouse.down();
  await page.mouse.move(...at(150, 60), { steps: 6 });
  await page.mouse.move(...at(147, 165), { steps: 6 });
  await page.mouse.move(...at(146, 224), { steps: 6 });
  await page.mouse.up();
  await expect(page.locator("#digit")).toHaveText("1");
  await expect(page.locator("#score")).toContainText("%");
  await page.getByRole("button", { name: /Clear/ }).click();
  await expect(page.getByText("nothing drawn yet")).toBeVisible();
  await page.keyboard.press("8");
  await expect(page.locator("#digit")).toHaveText("8");
  await page.getByRole("button", { name: /Undo/ }).click();
  await expect(page.getByText("nothing drawn yet")).toBeVisible();
});

test("a run holds its own values, not those of a file that lay there before", async ({ request }) => {
  const id = demo.run.split("/").pop();
  const res = await request.get(`${demo.server}/api/2.0/mlflow/metrics/get-history?run_id=${id}&metric_key=accuracy`);
  const { metrics } = (await res.json()) as { metrics: { value: number }[] };
  expect(metrics.map((m) => m.value.toFixed(3))).toEqual(["0.980"]);
});
