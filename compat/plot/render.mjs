// Renders every NAME.svg of a folder to NAME.resvg.png at double resolution:
// node render.mjs FOLDER REGULAR.ttf BOLD.ttf
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Resvg } from "@resvg/resvg-js";

const [folder, ...fontFiles] = process.argv.slice(2);
for (const name of readdirSync(folder).filter((n) => n.endsWith(".svg"))) {
  const resvg = new Resvg(readFileSync(join(folder, name)), {
    fitTo: { mode: "zoom", value: 2 },
    font: { fontFiles, loadSystemFonts: false, defaultFontFamily: "Liberation Sans" },
  });
  writeFileSync(join(folder, name.replace(/svg$/, "resvg.png")), resvg.render().asPng());
}
