// Photographs one page: node photograph.mjs URL FILE.png [WIDTH HEIGHT].
// For the suites of compat/ that need a picture and no more.
import { chromium } from "playwright-core";

const [url, file, width = "1100", height = "900"] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.ASSAY_CHROMIUM || "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const page = await browser.newPage({ viewport: { width: Number(width), height: Number(height) } });
await page.goto(url, { waitUntil: "load", timeout: 60_000 });
await page.screenshot({ path: file, fullPage: true });
await browser.close();
