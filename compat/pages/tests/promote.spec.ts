import { expect, test } from "./test";
import { world } from "./world";

test("a version says where it came from, and is promoted with a reason", async ({ page, troubles }) => {
  troubles.allow(/status of 403/); // the refusal
  await page.goto(`${world.server}/models`);
  await page.getByRole("link", { name: /^sketches\b/ }).click();
  await page.getByRole("link", { name: /^v1\b/ }).click();
  await expect(page).toHaveURL(/\/models\/sketches\/versions\/1$/);
  await expect(page.getByText("✓ the files are those that the review showed")).toBeVisible();
  await expect(page.getByRole("link", { name: /team\/digits-trainer!7/ })).toBeVisible();

  await page.getByRole("button", { name: "Promote…" }).click();
  const dialog = page.getByRole("dialog", { name: "Promote sketches v1" });
  await expect(dialog).toContainText("The policy asks for 1 approval of the merge request, a reason.");
  await dialog.getByRole("button", { name: /production/ }).click();
  await expect(dialog.getByRole("alert")).toContainText("a reason must be given");
  await dialog.getByRole("textbox", { name: /Reason/ }).fill("approved in !7, seen by grace");
  await dialog.getByRole("button", { name: /production/ }).click();
  await expect(dialog).toHaveCount(0);

  await expect(page.getByText("production", { exact: true })).toBeVisible();
  await expect(page.getByText(/moved production to v1/)).toContainText("approved in !7, seen by grace");
  await page.goto(`${world.server}/models`);
  await expect(page.getByRole("link", { name: /^sketches\b/ })).toContainText("production → v1");
});

test("what the policy does not allow is refused in words", async ({ page, troubles }) => {
  troubles.allow(/status of 403/);
  await page.goto(`${world.server}/models/digits/versions/3`);
  await page.getByRole("button", { name: "Promote…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: /Reason/ }).fill("it is urgent");
  await dialog.getByRole("button", { name: /production/ }).click();
  const refusal = dialog.getByRole("alert");
  await expect(refusal).toContainText("needs 1 approval of the reviewed commit, it has 0");
  await expect(refusal).toContainText("its files are not proved to be those that were reviewed");
  await expect(refusal.getByRole("listitem")).toHaveCount(3);
  await expect(refusal.locator("code")).toHaveText("assay model policy digits");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await page.goto(`${world.server}/models`);
  await expect(page.getByRole("link", { name: /^digits\b/ })).toContainText("production → v2");
});

test("a file of a version is downloaded", async ({ page }) => {
  await page.goto(`${world.server}/models/digits/versions/2`);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "model/model.onnx" }).click()]);
  const stream = await download.createReadStream();
  let text = "";
  for await (const piece of stream) text += String(piece);
  expect(text).toBe("the weights of the reviewed model\n");
});

test("a version's trail is its own", async ({ page }) => {
  await page.goto(`${world.server}/models/digits/versions/2`);
  await expect(page.getByRole("heading", { name: "Trail of v2" })).toBeVisible();
  await expect(page.getByText("registered v2")).toBeVisible();
  await expect(page.getByText("registered v3")).toHaveCount(0);
  await page.getByRole("link", { name: "The whole trail of digits" }).click();
  await expect(page.getByText("registered v3")).toBeVisible();
});
