import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  // Inlined assets would need a wider policy than the server gives.
  build: {
    target: "es2022",
    // The style sheet's light-dark() is left as it is.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: Object.fromEntries(
      ["/api", "/ajax-api", "/get-artifact"].map((p) => [p, process.env.ASSAY_SERVER ?? "http://127.0.0.1:5000"]),
    ),
  },
});
