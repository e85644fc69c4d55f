import type { Page } from "@playwright/test";
import { expect, firstName, query, test } from "./test";
import { world } from "./world";

const address = `${world.server}/experiments/${world.experiments.large}`;
const filter = 'metrics.accuracy > 0.99 and params.optimizer = "adam"';
const matching = `${world.matching} runs`;

async function type(page: Page, text: string) {
  const box = page.getByRole("searchbox", { name: "Filter runs" });
  await box.fill(text);
  await box.press("Enter");
}

test("a filter is kept in the address, by a reload and by Back", async ({ page }) => {
  await page.goto(address);
  await expect(page.getByText("1,000 runs")).toBeVisible();
  await type(page, filter);
  await expect(page.getByText(matching)).toBeVisible();
  expect(query(page).get("filter")).toBe(filter);
  await page.reload();
  await expect(page.getByText(matching)).toBeVisible();
  await expect(page.getByRole("searchbox", { name: "Filter runs" })).toHaveValue(filter);
  await page.goBack();
  await expect(page.getByText("1,000 runs")).toBeVisible();
  await expect(page.getByRole("searchbox", { name: "Filter runs" })).toHaveValue("");
  await page.goForward();
  await expect(page.getByText(matching)).toBeVisible();
});

test("a bad filter says why and leaves the rows", async ({ page, troubles }) => {
  troubles.allow(/status of 400/);
  await page.goto(address);
  await expect(firstName(page)).toContainText("still-training");
  await type(page, "metrics.accuracy >");
  await expect(page.getByRole("alert")).toContainText("position 19");
  await expect(page.getByRole("alert")).toContainText("metrics.accuracy >");
  await expect(firstName(page)).toContainText("still-training");
});

test("a filter that nothing matches is taken away by a click", async ({ page }) => {
  await page.goto(address);
  await type(page, "metrics.accuracy > 2");
  await expect(page.getByText("No run matches the filter")).toBeVisible();
  await page.getByRole("button", { name: "Show all runs" }).click();
  await expect(page.getByText("1,000 runs")).toBeVisible();
});
