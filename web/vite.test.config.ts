import { readdirSync } from "node:fs";
import { defineConfig } from "vite";

const tests = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((f) => f.endsWith(".test.ts"));

// Tests run in Node's own runner, which reads no TypeScript in the versions
// that we support: the bundler that is here anyway makes JavaScript of them.
export default defineConfig({
  logLevel: "warn",
  publicDir: false,
  build: {
    ssr: true,
    target: "node20",
    outDir: "node_modules/.assay-test",
    emptyOutDir: true,
    sourcemap: "inline",
    rolldownOptions: {
      input: Object.fromEntries(tests.map((f) => [f.replaceAll("/", "-").replace(/\.ts$/, ""), `src/${f}`])),
      output: { entryFileNames: "[name].js", chunkFileNames: "parts/[name]-[hash].mjs" },
    },
  },
});
