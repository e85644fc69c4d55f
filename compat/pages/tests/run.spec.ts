import { expect, query, test } from "./test";
import { world } from "./world";

const candidate = `${world.server}/runs/${world.runs.candidate}`;

test("the tabs lead through a run", async ({ page, troubles }) => {
  await page.goto(candidate);
  const tabs = page.getByRole("navigation", { name: "Parts of the run" });
  await expect(page.getByRole("row", { name: /^accuracy/ })).toContainText("0.9859");
  await tabs.getByRole("link", { name: "curves" }).click();
  await expect(page).toHaveURL(`${candidate}/curves`);
  await expect(page.locator("canvas")).toHaveCount(5);
  await tabs.getByRole("link", { name: "code" }).click();
  await expect(page.getByText("+    hidden = 64  # wider")).toBeVisible();
  await tabs.getByRole("link", { name: "output" }).click();
  await expect(page.getByLabel("Output", { exact: true })).toHaveText("epoch 300 of 300, accuracy 98.59 %");
  await page.goBack();
  await expect(page.getByRole("heading", { name: "Not committed" })).toBeVisible();
  expect(troubles.unexpected).toEqual([]);
});

test("the look of the curves is in the address", async ({ page }) => {
  await page.goto(`${candidate}/curves`);
  await expect(page.locator("canvas")).toHaveCount(5);
  await page.getByRole("button", { name: "Log axis" }).click();
  await page.getByRole("button", { name: "time", exact: true }).click();
  await page.getByRole("slider", { name: /Smoothing/ }).fill("0.6");
  await expect.poll(() => [query(page).get("log"), query(page).get("x"), query(page).get("smooth")]).toEqual(["1", "time", "0.6"]);
  await page.reload();
  await expect(page.getByRole("button", { name: "Log axis" })).toHaveAttribute("aria-pressed", "true");
  await expect(page.getByRole("button", { name: "time", exact: true })).toHaveAttribute("aria-pressed", "true");
  await expect(page.getByRole("slider", { name: /Smoothing/ })).toHaveValue("0.6");
});

test("the charts share a cursor that tells the values", async ({ page }) => {
  await page.goto(`${candidate}/curves`);
  const chart = (name: string) => page.getByRole("figure").filter({ hasText: new RegExp(`^${name}`) });
  await expect(chart("accuracy")).toContainText("step 300");
  const plot = chart("accuracy").locator("canvas");
  const box = (await plot.boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await expect(chart("accuracy")).not.toContainText("step 300");
  await expect(chart("loss")).not.toContainText("step 300");
});

test("a missing value between two does not hide them", async ({ page }) => {
  await page.goto(`${candidate}/curves`);
  const figure = page.getByRole("figure").filter({ hasText: /^gap/ });
  await expect(figure.locator("canvas")).toBeVisible();
  // Inside the axes there must be more than the faint grid.
  const ink = await figure.evaluate((f) => {
    const canvas = f.querySelector("canvas")!;
    const from = canvas.getBoundingClientRect();
    const area = f.querySelector(".u-over")!.getBoundingClientRect();
    const pixels = canvas.getContext("2d")!.getImageData(area.left - from.left, area.top - from.top, area.width, area.height).data;
    let dark = 0;
    for (let i = 0; i < pixels.length; i += 4) {
      if (pixels[i + 3]! > 100 && Math.min(pixels[i]!, pixels[i + 1]!, pixels[i + 2]!) < 180) dark++;
    }
    return dark;
  });
  expect(ink, "pixels of the curve 0.5, NaN, 0.7").toBeGreaterThan(0);
});
