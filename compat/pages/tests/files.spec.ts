import { expect, query, test } from "./test";
import { world } from "./world";

const files = `${world.server}/runs/${world.runs.files}/artifacts`;

test("files of every kind are shown, each in its way", async ({ page }) => {
  await page.goto(files);
  const open = (name: string) => page.getByRole("button", { name, exact: false }).click();
  await open("notes.txt");
  await expect(page.getByText("Ümläuts and 漢字 stay what they are.")).toBeVisible();
  expect(query(page).get("path")).toBe("notes.txt");
  await open("config.json");
  await expect(page.getByText('"activation": "relu"')).toBeVisible();
  await open("plots");
  await open("confusion.png");
  await expect.poll(() => page.getByRole("img", { name: "plots/confusion.png" }).evaluate((i: HTMLImageElement) => i.naturalWidth)).toBe(320);
  await open("tables");
  await open("deep");
  await open("predictions.csv");
  await expect(page.getByRole("cell", { name: 'a, "quoted" note' }).first()).toBeVisible();
  await open("weights.bin");
  await expect(page.getByText("neither text nor a picture")).toBeVisible();
  await open("everything.log");
  await expect(page.getByText("too large to be shown")).toBeVisible();
  await page.goBack();
  await expect(page.getByText("neither text nor a picture")).toBeVisible();
  await page.reload();
  await expect(page.getByText("neither text nor a picture")).toBeVisible();
});

test("a large file is downloaded whole", async ({ page }) => {
  await page.goto(`${files}?path=everything.log`);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download" }).click()]);
  expect(download.suggestedFilename()).toBe("everything.log");
  const stream = await download.createReadStream();
  let bytes = 0;
  for await (const piece of stream) bytes += (piece as Buffer).length;
  expect(bytes).toBe(6_300_000);
});
