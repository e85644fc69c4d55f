import { expect, firstName, query, rowNamed, test } from "./test";
import { world } from "./world";

const address = `${world.server}/experiments/${world.experiments.large}`;
const header = (name: string) => ({ name: new RegExp(`^${name}\\b`) });

test("the list of experiments leads to the runs", async ({ page }) => {
  await page.goto(world.server);
  await expect(page).toHaveURL(/\/experiments$/);
  await page.getByRole("link", { name: /^digits\b/ }).click();
  await expect(page).toHaveURL(address);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("digits");
  await expect(page.getByText("1,000 runs, 1 running")).toBeVisible();
});

test("a thousand rows are scrolled, few are drawn", async ({ page }) => {
  await page.goto(address);
  await expect(firstName(page)).toContainText("still-training");
  await expect(page.getByRole("table", { name: "Runs" })).toHaveAttribute("aria-rowcount", "1001");
  expect(await page.getByRole("row").count()).toBeLessThan(80);
  // The newest is in row 2 below the header, so run i stands in row 1001 - i.
  await page.getByRole("table", { name: "Runs" }).evaluate((table) => (table.scrollTop = 899 * 32));
  const row = page.locator('[role=row][aria-rowindex="901"]');
  await expect(row.getByRole("rowheader")).toContainText("sweep-0100");
  await expect(row).toContainText("0.9400");
  await expect(page.locator('[role=row][aria-rowindex="1"]')).toBeInViewport();
  await expect(page.locator('[role=row][aria-rowindex="2"]')).toHaveCount(0);
});

test("a click sorts, shift-click adds, the address keeps both", async ({ page }) => {
  await page.goto(address);
  await page.getByRole("columnheader", header("accuracy")).getByRole("button").click();
  await expect(firstName(page)).toContainText("sweep-0027");
  await expect(page.getByRole("columnheader", header("accuracy"))).toHaveAttribute("aria-sort", "descending");
  await page.getByRole("columnheader", header("optimizer")).getByRole("button").click();
  await page.getByRole("columnheader", header("accuracy")).getByRole("button").click({ modifiers: ["Shift"] });
  await expect(firstName(page)).toContainText("sweep-0027"); // the best of adam
  expect(query(page).get("sort")).toBe("p:optimizer,-m:accuracy");
  await page.reload();
  await expect(page.getByRole("columnheader", header("optimizer"))).toHaveAttribute("aria-sort", "ascending");
  await expect(firstName(page)).toContainText("sweep-0027");
});

test("a loss that is not a number goes last in both directions", async ({ page }) => {
  await page.goto(address);
  const loss = page.getByRole("columnheader", header("loss")).getByRole("button");
  await loss.click();
  await expect(firstName(page)).toContainText("out-of-memory"); // 1.9
  await loss.click();
  await expect(firstName(page)).toContainText("wide-candidate"); // 0.0432
  await page.getByRole("table", { name: "Runs" }).evaluate((table) => (table.scrollTop = table.scrollHeight));
  await expect(page.locator('[role=row][aria-rowindex="1001"]')).toContainText("NaN");
});

test("only what differs leaves out equal parameters", async ({ page }) => {
  await page.goto(`${address}?filter=${encodeURIComponent("attributes.run_name LIKE 'sweep-00%'")}`);
  await expect(page.getByText("100 runs")).toBeVisible();
  await expect(page.getByRole("columnheader", header("seed"))).toHaveCount(1);
  await page.getByRole("button", { name: "Only what differs" }).click();
  await expect(page.getByRole("columnheader", header("seed"))).toHaveCount(0);
  await expect(page.getByRole("columnheader", header("learning_rate"))).toHaveCount(1);
  expect(query(page).get("differ")).toBe("1");
});

test("missing and not a number are told apart", async ({ page }) => {
  await page.goto(`${address}?filter=${encodeURIComponent("attributes.run_name IN ('sweep-0003', 'sweep-0049')")}`);
  await expect(rowNamed(page, "sweep-0003")).toContainText("–"); // val/loss
  await expect(rowNamed(page, "sweep-0049")).toContainText("NaN"); // loss
});
