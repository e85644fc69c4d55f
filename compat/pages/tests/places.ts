import { expect, type Page } from "@playwright/test";
import { world } from "./world";

/** A page that is opened, checked and photographed in every look. */
export interface Place {
  name: string;
  url: string;
  /** Words and numbers that must be seen; each stands somewhere on the page. */
  see: (string | RegExp)[];
  /** What else must be so before it is photographed. */
  more?: (page: Page) => Promise<void>;
  /** Whether the browser itself complains of an answer that the page expects. */
  missing?: boolean;
}

const { server, empty, demo, runs, experiments } = world;

const charts = (count: number) => async (page: Page) => {
  await expect(page.locator("canvas")).toHaveCount(count);
};

/** The fonts aside, a picture is there when its pixels are. */
export const picturesLoaded = async (page: Page) => {
  await expect
    .poll(() => page.evaluate(() => [...document.images].map((i) => [i.alt, i.complete && i.naturalWidth > 0]).filter(([, there]) => !there)))
    .toEqual([]);
};

/** A long name may not push its value out of the way. */
const valuesWide = async (page: Page) => {
  const narrowest = await page.evaluate(() => Math.min(...[...document.querySelectorAll("td")].filter((td) => td.textContent?.startsWith("value value")).map((td) => td.clientWidth)));
  expect(narrowest, "pixels for the value of the parameter with the long name").toBeGreaterThan(90);
};

/** What a run reached is seen without scrolling, also on a phone. */
const numbersFirst = async (page: Page) => {
  await expect(page.getByRole("cell", { name: "0.9859" }).first()).toBeInViewport({ ratio: 1 });
};

const nothingToActOn = async (page: Page) => {
  await expect(page.getByRole("button", { name: /Columns|differs|Filter/ })).toHaveCount(0);
};

/** The comment's number that matters is seen without scrolling. */
const changeSeen = async (page: Page) => {
  await picturesLoaded(page);
  await expect(page.getByRole("cell", { name: "98.0 %" }).first()).toBeInViewport({ ratio: 1 });
};

/** The refusal of a policy, in the dialog that asked. */
const refused = async (page: Page) => {
  await page.getByRole("button", { name: "Promote…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: /production/ }).click();
  await expect(page.getByRole("dialog").getByRole("alert")).toContainText("does not meet its policy");
};

const searched = async (page: Page) => {
  await page.getByRole("combobox").fill("digits");
  await expect(page.getByRole("option").first()).toBeVisible();
  const outside = await page.evaluate(() => {
    const list = document.querySelector("[role=listbox]")!.getBoundingClientRect();
    const parts = [...document.querySelectorAll("[role=option], [role=option] *")].filter((e) => {
      const r = e.getBoundingClientRect();
      return r.left < Math.max(0, list.left) - 1 || r.right > Math.min(innerWidth, list.right) + 1;
    });
    return parts.map((e) => e.textContent);
  });
  expect.soft(outside, "what is found, outside of the list or the page").toEqual([]);
};

const helped = async (page: Page) => {
  await page.getByRole("button", { name: /^Keyboard/ }).click();
  await expect(page.getByRole("dialog")).toContainText("next and previous row");
};

const table: Place[] = [
  { name: "experiments", url: `${server}/experiments`, see: ["digits", "nothing-yet", "live", /<b onm/, "Default"] },
  { name: "runs", url: `${server}/experiments/${experiments.large}`, see: ["1,000 runs, 1 running", "still-training", "wide-candidate", "<img s", "0.9859"], more: numbersFirst },
  {
    name: "runs-filtered",
    url: `${server}/experiments/${experiments.large}?filter=${encodeURIComponent('metrics.accuracy > 0.99 and params.optimizer = "adam"')}&sort=-m%3Aaccuracy&differ=1`,
    see: [`${world.matching} runs`, "sweep-0027", "0.9998"],
  },
  {
    name: "runs-bad-filter",
    url: `${server}/experiments/${experiments.large}?filter=metrics.accuracy%20%3E`,
    see: ["The filter was not understood.", /metrics\.accuracy >/],
    missing: true,
  },
  { name: "experiment-empty", url: `${server}/experiments/${experiments.none}`, see: ["No runs yet", "MLFLOW_EXPERIMENT_NAME='nothing-yet'", "assay run -- python train.py"], more: nothingToActOn },
];

const run: Place[] = [
  {
    name: "run-overview",
    url: `${server}/runs/${runs.candidate}`,
    see: ["wide-candidate", "finished", "0.9859", "0.0432", "team/digits-trainer!7", "better", world.commit.slice(0, 8), "digits.csv", /python train\.py --hidden 64/, "learning_rate"],
  },
  { name: "run-curves", url: `${server}/runs/${runs.candidate}/curves?smooth=0.8`, see: ["accuracy", "train/batch loss", /of 20,000 points are drawn/, "step 300"], more: charts(5) },
  { name: "run-curves-log-time", url: `${server}/runs/${runs.candidate}/curves?log=1&x=time&system=1`, see: ["loss", "system/cpu_utilization_percentage"], more: charts(7) },
  { name: "run-output", url: `${server}/runs/${runs.failed}/output`, see: ["out-of-memory", "failed", /RuntimeError: out of memory: tried to allocate 2\.50 GB/] },
  { name: "run-failed", url: `${server}/runs/${runs.failed}`, see: ["failed", "137", "python train.py --batch-size 4096", "worse"] },
  { name: "run-code", url: `${server}/runs/${runs.candidate}/code`, see: ["wider", /changes that are not committed/, "Not committed", "+    hidden = 64  # wider", /"numpy": "2\.1\.0"/] },
  { name: "run-files", url: `${server}/runs/${runs.files}/artifacts?path=plots%2Fconfusion.png`, see: ["plots/confusion.png", "notes.txt", "6.3 MB"], more: picturesLoaded },
  { name: "run-file-table", url: `${server}/runs/${runs.files}/artifacts?path=tables%2Fdeep%2Fpredictions.csv`, see: ["probability", "d499", 'a, "quoted" note', /more rows/] },
  { name: "run-file-json", url: `${server}/runs/${runs.files}/artifacts?path=config.json`, see: [/"activation": "relu"/] },
  { name: "run-file-big", url: `${server}/runs/${runs.files}/artifacts?path=everything.log`, see: [/too large to be shown/, "Download"] },
  { name: "run-running", url: `${server}/runs/${runs.running}`, see: ["still-training", "running", "0.88", /last value/] },
  { name: "run-long-names", url: `${server}/runs/${runs.long}`, see: ["0.9877", "0.92"], more: valuesWide },
  { name: "run-nothing", url: `${server}/runs/${runs.files}/output`, see: ["No output", "assay run -- python train.py"], missing: true },
  { name: "run-unknown", url: `${server}/runs/${"0".repeat(32)}`, see: ["The run could not be read.", /0{32}/], missing: true },
];

const registry: Place[] = [
  { name: "models", url: `${server}/models`, see: ["digits", "production → v2", "staging → v3", "v12", "<svg onload=alert(9)>"] },
  { name: "model", url: `${server}/models/digits`, see: ["v3", "v2", "v1", "production", "staging", /approved in !7/] },
  {
    name: "version",
    url: `${server}/models/digits/versions/2`,
    see: ["production", /team\/digits-trainer!7 More hidden units/, world.commit.slice(0, 8), "✓ the files are those that the review showed", "grace", "data/digits.csv", "494 KB", "model/model.onnx", "34 B"],
  },
  { name: "version-unreviewed", url: `${server}/models/digits/versions/3`, see: [/not compared with a review, or not the same/, /hotfix, the review follows/] },
  { name: "version-mlflow", url: `${server}/models/digits/versions/1`, see: [/registered through MLflow/] },
  { name: "changes", url: `${server}/changes`, see: ["More hidden units: 8 → 64", "better", "worse", "unknown", "same", "failed", "<b>Break</b> it", "Crop the borders"] },
  {
    name: "change",
    url: `${server}/changes/team%2Fdigits-trainer/7`,
    see: ["More hidden units: 8 → 64", "accuracy 97.2 % → 98.6 %, +1.4 points on 899 examples", "the verdict is not worse", "pass", "fail", "warn", "skip", "undecided", "between −0.9 and +1.3 points", "Runs 6"],
  },
  { name: "change-held", url: `${server}/changes/team%2Fdigits-trainer/10`, see: ["better", "fail", "latency below 20 ms", "31 ms"] },
  { name: "promote-refused", url: `${server}/models/digits/versions/3`, see: ["digits v3"], more: refused, missing: true },
  { name: "search", url: `${server}/models`, see: ["many-versions"], more: searched },
  { name: "keyboard", url: `${server}/models`, see: ["many-versions"], more: helped },
  { name: "nowhere", url: `${server}/nowhere`, see: ["There is no such page"] },
];

const nothing: Place[] = [
  { name: "empty-changes", url: `${empty}/changes`, see: ["No merge requests yet", "assay report"] },
  { name: "empty-models", url: `${empty}/models`, see: ["No models yet", "assay model register NAME"] },
];

const demonstration: Place[] = [
  { name: "demo-run", url: demo.server + demo.run, see: ["finished", "digits-trainer!1", "accuracy"] },
  { name: "demo-curves", url: `${demo.server}${demo.run}/curves`, see: ["val_accuracy", "step 30"], more: (page) => expect(page.locator("canvas").first()).toBeVisible() },
  { name: "demo-version", url: demo.server + demo.version, see: ["production", "grace", "model.onnx", "data/digits.csv", "✓ the files are those that the review showed"] },
  { name: "demo-change", url: `${demo.server}/changes/digits-trainer/2`, see: ["worse", "accuracy 98.0 % → 93.2 %", "the verdict is not worse", "fail"] },
  { name: "forge", url: demo.forge, see: ["digits-trainer", "More hidden units: 8 → 64", "✕ failed", "✓ passed", "merged", "open"] },
  { name: "forge-project", url: `${demo.forge}/digits-trainer`, see: ["Merge requests of digits-trainer", "!3", "!2", "!1"] },
  {
    name: "forge-better",
    url: `${demo.forge}/digits-trainer/changes/1`,
    see: ["▲ Better than main: accuracy 90.4 % → 98.0 %", "grace", "merged", "+hidden: 64", "-hidden: 8"],
    more: changeSeen,
  },
  { name: "forge-worse", url: `${demo.forge}/digits-trainer/changes/2`, see: ["▼ Worse than main: accuracy 98.0 % → 93.2 %", "✕ failed", "open"], more: picturesLoaded },
  { name: "forge-cannot-tell", url: `${demo.forge}/digits-trainer/changes/3`, see: [/\? Cannot tell: accuracy 98\.0 % → 98\.3 %/], more: picturesLoaded },
  { name: "drawing", url: `${demo.drawing}/#draw-3`, see: ["Draw a digit", "v1", /answered in/, "8×8 pixels"], more: (page) => expect(page.locator("#digit")).toHaveText("3") },
];

export const places: Place[] = [...table, ...run, ...registry, ...nothing, ...demonstration];
