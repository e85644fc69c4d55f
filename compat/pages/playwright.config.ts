import { defineConfig } from "@playwright/test";

const sizes = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

export default defineConfig({
  testDir: "tests",
  outputDir: "node_modules/.playwright", // ignored by Git, and emptied by each run
  fullyParallel: true,
  workers: 2,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [["list"]],
  use: {
    browserName: "chromium",
    launchOptions: {
      executablePath: process.env.ASSAY_CHROMIUM,
      // Chromium refuses its sandbox to root, which CI jobs in containers are.
      args: [...(process.getuid?.() === 0 ? ["--no-sandbox"] : []), "--disable-background-networking", "--disable-component-update"],
    },
    locale: "en-US",
    timezoneId: "UTC",
  },
  projects: [
    { name: "drive", testIgnore: "look.spec.ts", use: { viewport: sizes.desktop, colorScheme: "light" } },
    ...Object.entries(sizes).map(([name, viewport]) => ({ name, testMatch: "look.spec.ts", use: { viewport } })),
  ],
});
