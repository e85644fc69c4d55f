import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { appendFileSync, mkdirSync } from "node:fs";
import { places } from "./places";
import { expect, test } from "./test";
import { out } from "./world";

mkdirSync(out, { recursive: true });

for (const place of places) {
  test(place.name, async ({ page, troubles }, info) => {
    if (place.missing) troubles.allow(/Failed to load resource: the server responded with a status of 40[034]/);
    await watchShifts(page);
    await page.goto(place.url);
    for (const text of place.see) await expect(page.locator("body")).toContainText(text, { useInnerText: true });
    const jumps = await shifts(page);
    await place.more?.(page);
    appendFileSync(`${out}/shifts.txt`, `${jumps.toFixed(3)} ${place.name} ${info.project.name}\n`);
    expect.soft(jumps, "layout shift while data arrive").toBeLessThan(0.1);
    expect.soft(await overflow(page), "what is wider than the page").toEqual([]);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await photograph(page, `${place.name}-${info.project.name}-${colorScheme}`);
      // axe is slow: each look is asked for once, at one of the sizes.
      if ((colorScheme === "light") === (info.project.name === "desktop")) {
        expect.soft(await violations(page, `${place.name} ${info.project.name} ${colorScheme}`), "serious findings of axe").toEqual([]);
      }
    }
  });
}

/** The page as it is first seen and, where it scrolls, the whole of it. */
async function photograph(page: Page, name: string) {
  const shot = (suffix: string) => page.screenshot({ path: `${out}/${name}${suffix}.png`, animations: "disabled" });
  await shot("");
  const size = page.viewportSize();
  const whole = await page.evaluate(() => {
    const main = document.querySelector("main");
    const hidden = Math.max(0, main ? main.scrollHeight - main.clientHeight : 0, document.documentElement.scrollHeight - innerHeight);
    return innerHeight + hidden;
  });
  if (!size || whole <= size.height + 4) return;
  await page.setViewportSize({ width: size.width, height: Math.min(whole, 6000) });
  await shot("-whole");
  await page.setViewportSize(size);
}

/** Adds up what moved without being asked, as browsers count it: up to 0.1 is
 * what they call good; all are written to shifts.txt. */
async function watchShifts(page: Page) {
  await page.addInitScript(() => {
    const w = window as unknown as { shifted: number };
    w.shifted = 0;
    new PerformanceObserver((list) => {
      for (const e of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) if (!e.hadRecentInput) w.shifted += e.value;
    }).observe({ type: "layout-shift", buffered: true });
  });
}

const shifts = (page: Page) => page.evaluate(() => (window as unknown as { shifted: number }).shifted);

/** Elements that make the page or its content scroll sideways. */
async function overflow(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    for (const box of [document.documentElement, document.querySelector("main")]) {
      if (!box || box.scrollWidth <= box.clientWidth) continue;
      found.push(`${box.tagName.toLowerCase()} is ${box.clientWidth} wide, its content ${box.scrollWidth}`);
      const edge = box.getBoundingClientRect().left + box.clientWidth;
      const wide = [...box.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > edge + 0.5);
      found.push(...wide.slice(0, 5).map((e) => `<${e.tagName.toLowerCase()} class="${e.getAttribute("class") ?? ""}"> ${(e.textContent ?? "").slice(0, 60)}`));
    }
    return found;
  });
}

/** All findings of axe go to a file; those returned fail the test. */
async function violations(page: Page, name: string): Promise<string[]> {
  // Rows are alike, and axe takes long over hundreds of them.
  const axe = new AxeBuilder({ page }).exclude("tr:nth-child(n+40)").exclude("[role=row]:nth-child(n+12)");
  const { violations: all } = await axe.analyze();
  const lines = all.map((v) => `${v.impact}: ${v.id}: ${v.help} (${v.nodes.length}): ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 140)).join(" | ")}`);
  for (const line of lines) appendFileSync(`${out}/axe.txt`, `${name} ${line}\n`);
  return lines.filter((l) => /^(serious|critical)/.test(l));
}
