// Bundles what the pages load (script, style, font) into a folder that is
// embedded in the binary and not kept in version control.
import { build } from "esbuild";
import { rm } from "node:fs/promises";

const pages = "internal/server/web/";
await rm(pages + "assets/dist", { recursive: true, force: true });
await build({
  entryPoints: { app: pages + "script/app.ts" },
  outdir: pages + "assets/dist",
  bundle: true, minify: true, format: "iife", target: "es2022", legalComments: "none", logLevel: "warning",
});
await build({
  entryPoints: { app: pages + "style/app.css" },
  outdir: pages + "assets/dist",
  bundle: true, minify: true, target: "es2022", loader: { ".woff2": "file" }, assetNames: "font/[name]-[hash]", logLevel: "warning",
});
