import type { Page } from "@playwright/test";
import { expect, test } from "./test";
import { world } from "./world";

// The fixture fails a test in which a dialog opens, which is what each of these
// names would do if it were ever read as markup.

const run = `${world.server}/runs/${world.runs.html}`;

/** Nothing that people wrote may have become an element. */
async function nothingRan(page: Page) {
  expect(await page.locator("[onerror], [onload], [onmouseover], main script, main img[src=x]").count()).toBe(0);
}

test("names are text", async ({ page }) => {
  await page.goto(run);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(world.htmlName);
  await expect(page.getByText("<script>alert(2)</script>")).toBeVisible();
  await expect(page.getByText('"><svg onload=alert(3)>')).toBeVisible();
  await nothingRan(page);
  await page.goto(`${world.server}/experiments/${world.experiments.html}`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("<b onmouseover=alert(1)>bold</b>");
  await nothingRan(page);
  await page.goto(`${world.server}/models/${encodeURIComponent("<svg onload=alert(9)>")}`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("<svg onload=alert(9)>");
  await nothingRan(page);
  await page.goto(`${world.server}/changes`);
  await expect(page.getByText("<b>Break</b> it")).toBeVisible();
  await nothingRan(page);
});

test("files are text or pictures, never pages", async ({ page }) => {
  await page.goto(`${run}/artifacts?path=page.html`);
  await expect(page.getByText("<h1>Hello</h1><script>alert(4)</script>")).toBeVisible();
  await nothingRan(page);
  await page.goto(`${run}/artifacts?path=picture.svg`);
  await expect.poll(() => page.getByRole("img", { name: "picture.svg" }).evaluate((i: HTMLImageElement) => i.naturalWidth)).toBe(60);
  await nothingRan(page);
  await page.goto(`${run}/output`);
  await expect(page.getByLabel("Output", { exact: true })).toHaveText("<b>bold</b><script>alert(8)</script>");
  await nothingRan(page);
});

test("a file's own address does not run it either", async ({ page }) => {
  const res = await page.request.get(`${world.server}/get-artifact?run_id=${world.runs.html}&path=page.html`);
  expect(res.headers()["content-disposition"]).toContain("attachment");
  expect(res.headers()["x-content-type-options"]).toBe("nosniff");
});
