import { expect, test } from "./test";
import { world } from "./world";

test("g and a letter go to a place", async ({ page }) => {
  await page.goto(`${world.server}/models`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Models");
  await page.keyboard.press("g");
  await page.keyboard.press("e");
  await expect(page).toHaveURL(/\/experiments$/);
  await page.keyboard.press("g");
  await page.keyboard.press("m");
  await expect(page).toHaveURL(/\/models$/);
  await page.keyboard.press("g");
  await page.keyboard.press("c");
  await expect(page).toHaveURL(/\/changes$/);
});

test("j and k walk the rows, Enter opens one", async ({ page }) => {
  await page.goto(`${world.server}/experiments/${world.experiments.large}`);
  await expect(page.getByText("1,000 runs")).toBeVisible();
  for (let i = 0; i < 40; i++) await page.keyboard.press("j");
  for (let i = 0; i < 3; i++) await page.keyboard.press("k");
  await page.keyboard.press("Enter");
  // 37 rows down is the 37th newest: 1,000 - 37.
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("sweep-0963");
});

test("j and k walk a plain list by focus", async ({ page }) => {
  await page.goto(`${world.server}/models/many-versions`);
  await expect(page.getByRole("link", { name: /^v12\b/ })).toBeVisible();
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await expect(page.getByRole("link", { name: /^v11\b/ })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/many-versions\/versions\/11$/);
});

test("slash searches, Escape leaves", async ({ page }) => {
  await page.goto(`${world.server}/models`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Models");
  await page.keyboard.press("/");
  await page.keyboard.type("hidden units 8");
  const hit = page.getByRole("option", { name: /digits-trainer!7/ });
  await expect(hit).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(hit).toHaveCount(0);
  await page.keyboard.press("/");
  await page.keyboard.type("sketches");
  await expect(page.getByRole("option", { name: /sketches/ })).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/models\/sketches$/);
});

test("a run's id is found", async ({ page }) => {
  await page.goto(`${world.server}/models`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Models");
  await page.keyboard.press("/");
  await page.keyboard.type(world.runs.failed);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("out-of-memory");
});

test("the question mark lists the keys", async ({ page }) => {
  await page.goto(`${world.server}/models`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Models");
  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "Keyboard" });
  await expect(help).toContainText("search");
  await expect(help).toContainText("next and previous row");
  await page.keyboard.press("Escape");
  await expect(help).toHaveCount(0);
});

test("everything is reached by Tab, and seen to be", async ({ page }) => {
  await page.goto(`${world.server}/models`);
  await expect(page.getByRole("link", { name: /^digits\b/ })).toBeVisible();
  const seen: string[] = [];
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const e = document.activeElement as HTMLElement;
      return { text: e === document.body ? "" : e.innerText || e.getAttribute("aria-label") || e.tagName, outline: getComputedStyle(e).outlineStyle };
    });
    if (!at.text) break; // once around
    expect(at.outline, `the focus on ${at.text}`).not.toBe("none");
    seen.push(at.text.split("\n")[0]!);
  }
  expect(seen).toEqual(expect.arrayContaining(["Skip to content", "Experiments", "Merge requests", "Models", "digits"]));
});
