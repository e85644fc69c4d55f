import { gzipSync } from "node:zlib";
import { expect, test } from "./test";
import { world } from "./world";

const ground = "getComputedStyle(document.body).backgroundColor";

test("the theme follows the system, is switched, and is remembered", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto(`${world.server}/models`);
  await expect(page.getByText("many-versions")).toBeVisible();
  const dark = await page.evaluate(ground);
  await page.emulateMedia({ colorScheme: "light" });
  const light = await page.evaluate(ground);
  expect(light).not.toBe(dark);
  const theme = page.getByRole("button", { name: /^Theme/ });
  await theme.click(); // light
  await theme.click(); // dark
  expect(await page.evaluate(ground)).toBe(dark);
  await page.reload();
  expect(await page.evaluate(ground)).toBe(dark);
  await theme.click(); // back to the system's
  expect(await page.evaluate(ground)).toBe(light);
});

test("the first load is light", async ({ page }) => {
  const sizes: Promise<number>[] = [];
  const plain: string[] = [];
  page.on("response", (r) => {
    if (new URL(r.url()).pathname.startsWith("/assets/") && r.headers()["content-encoding"] !== "gzip") plain.push(r.url());
    if (r.request().resourceType() === "script") sizes.push(r.body().then((b) => gzipSync(b).length));
  });
  await page.goto(`${world.server}/experiments/${world.experiments.large}`);
  await expect(page.getByText("1,000 runs")).toBeVisible();
  const all = (await Promise.all(sizes)).reduce((a, b) => a + b, 0);
  test.info().annotations.push({ type: "compressed script", description: `${all} bytes` });
  expect(all).toBeGreaterThan(0);
  expect(plain, "assets that were sent uncompressed").toEqual([]);
  expect(all, "bytes of compressed script").toBeLessThanOrEqual(250_000);
});

test("empty pages give the command, and copy it", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: world.server });
  await page.goto(`${world.server}/experiments/${world.experiments.none}`);
  await expect(page.getByText("No runs yet")).toBeVisible();
  await page.getByRole("button", { name: "Copy the commands" }).click();
  await expect
    .poll(() => page.evaluate(() => navigator.clipboard.readText()))
    .toBe(`export MLFLOW_TRACKING_URI=${world.server}\nexport MLFLOW_EXPERIMENT_NAME='nothing-yet'\nassay run -- python train.py`);
});

test("an address that is no page says so, and the rail leads on", async ({ page }) => {
  await page.goto(`${world.server}/models/digits/versions/2/what`);
  await expect(page.getByText("There is no such page")).toBeVisible();
  await page.getByRole("link", { name: "Models" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Models");
});

test("what is not there is named", async ({ page, troubles }) => {
  troubles.allow(/status of 404/);
  for (const [path, name] of [
    ["/experiments/987", "987"],
    [`/runs/${"a".repeat(32)}`, "aaaaaaaa"],
    ["/models/no-such-model", "no-such-model"],
    ["/models/digits/versions/99", "99"],
  ] as const) {
    await page.goto(world.server + path);
    await expect(page.getByRole("alert")).toContainText(name);
  }
});
