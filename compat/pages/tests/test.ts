import { expect, test as base, type Page } from "@playwright/test";

/** What went wrong on a page unasked for. */
export class Troubles {
  readonly seen: string[] = [];
  private readonly allowed: RegExp[] = [];

  /** Expected by the test, such as the browser's own word on an answer 404. */
  allow(what: RegExp) {
    this.allowed.push(what);
  }

  watch(page: Page) {
    page.on("console", (m) => {
      if (m.type() === "error" || m.type() === "warning") this.seen.push(`console ${m.type()}: ${m.text()} (${m.location().url})`);
    });
    page.on("pageerror", (e) => this.seen.push(`page error: ${e.message}`));
    page.on("dialog", (d) => {
      this.seen.push(`dialog: ${d.message()}`);
      void d.dismiss();
    });
  }

  get unexpected() {
    return this.seen.filter((s) => !this.allowed.some((a) => a.test(s)));
  }
}

/** Playwright's test, with a page that must stay without errors. */
export const test = base.extend<{ troubles: Troubles }>({
  troubles: [
    async ({ page }, use) => {
      const t = new Troubles();
      t.watch(page);
      await use(t);
      expect(t.unexpected, "the console, page errors and dialogs").toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** The cells of the runs table that are drawn, by row; the first is the name. */
export const rowNamed = (page: Page, name: string) => page.getByRole("row").filter({ has: page.getByRole("rowheader", { name, exact: true }) });

/** The name in the first row below the header. */
export const firstName = (page: Page) => page.locator('[role=row][aria-rowindex="2"] [role=rowheader]');

/** What stands in the address behind the question mark. */
export const query = (page: Page) => new URL(page.url()).searchParams;
