import { expect, test } from "./test";
import { world } from "./world";

test("every verdict has its mark and its word", async ({ page }) => {
  await page.goto(`${world.server}/changes`);
  for (const [title, verdict] of [
    ["More hidden units: 8 → 64", "▲ better"],
    ["Learn faster", "▼ worse"],
    ["Even more hidden units", "? unknown"],
    ["Only comments", "● same"],
    ["<b>Break</b> it", "✕ failed"],
  ] as const) {
    await expect(page.getByRole("link", { name: title }).first()).toContainText(verdict);
  }
});

test("a merge request shows its reports, newest first, with gates", async ({ page }) => {
  await page.goto(`${world.server}/changes`);
  await page.getByRole("link", { name: "More hidden units: 8 → 64" }).first().click();
  await expect(page).toHaveURL(/\/changes\/team%2Fdigits-trainer\/7$/);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("More hidden units: 8 → 64");
  const reports = page.getByRole("article");
  await expect(reports).toHaveCount(3);
  await expect(reports.nth(0)).toContainText("▲ better");
  await expect(reports.nth(0)).toContainText("✓ pass");
  await expect(reports.nth(0)).toContainText("9 m 41 s, the limit is 10 m");
  await expect(reports.nth(1)).toContainText("▼ worse");
  await expect(reports.nth(1)).toContainText("✕ fail");
  await expect(reports.nth(2)).toContainText("? unknown");
  await expect(reports.nth(2)).toContainText("undecided");
  await reports.nth(0).getByRole("link", { name: "curves" }).click();
  await expect(page).toHaveURL(new RegExp(`/runs/${world.runs.candidate}/curves`));
});

test("a better model can be held by a gate", async ({ page }) => {
  await page.goto(`${world.server}/changes/team%2Fdigits-trainer/10`);
  const report = page.getByRole("article");
  await expect(report).toContainText("▲ better");
  await expect(report.getByRole("listitem").filter({ hasText: "latency below 20 ms" })).toContainText(/✕\s*fail/);
});

test("what was reported is drawn first, single values not at all, each run in its own colour", async ({ page }) => {
  await page.goto(`${world.server}/changes/team%2Fdigits-trainer/7`);
  const figures = page.getByRole("figure");
  await expect(figures).toHaveCount(4);
  await expect(figures.locator("figcaption .strong")).toHaveText(["accuracy", "loss", "gap", "train/batch loss"]);
  const colours = await figures.first().locator(".swatch path").evaluateAll((all) => all.map((p) => getComputedStyle(p).stroke));
  expect(colours).toHaveLength(6);
  expect(new Set(colours).size, `of ${colours.join(", ")}`).toBe(6);
});

test("the number of a merge request stays beside a long title", async ({ page }) => {
  await page.goto(`${world.server}/changes`);
  const name = page.getByText("team/digits-trainer!10", { exact: true });
  await expect(name).toBeVisible();
  expect(await name.evaluate((e) => e.scrollWidth - e.clientWidth), "pixels that are cut").toBeLessThanOrEqual(0);
});
