// Makes the pictures of docs/src/user/screens anew: every page in both languages and themes on a laptop, the main ones on a
// phone too. What is in them is the demonstration: nothing is put in or taken away.
import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LAPTOP, launch, PHONE } from "./browser.js";
import { startDemo } from "./demo.js";
import { small } from "./palette.js";
import { People } from "./people.js";
import { LANGUAGES, ROUTES, THEMES, TROUBLE } from "./routes.js";

const folder = fileURLToPath(new URL("../../../docs/src/user/screens/", import.meta.url));

// Pictures of the pages that `only` names, all without it.
const only = process.argv.slice(2);
const wanted = ({ name }) => only.length === 0 || only.includes(name);
const widths = (route) => (route.phone ? [["", LAPTOP], ["-phone", PHONE]] : [["", LAPTOP]]);
// Of a phone the picture is twice as long as its screen: what a reader sees with one stroke.
const STROKES = 2;

async function take(reader, name, { width, height }) {
  const file = join(folder, `${name}.png`);
  const page = await reader.page.evaluate(() => document.documentElement.scrollHeight);
  const clip = { x: 0, y: 0, width, height: width < 600 ? Math.min(page, height * STROKES) : height };
  const picture = await reader.page.screenshot({ animations: "disabled", caret: "hide", fullPage: width < 600, clip });
  writeFileSync(file, small(picture));
  return statSync(file).size;
}

const [demo, browser] = await Promise.all([startDemo(), launch()]);
try {
  if (only.length === 0) rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const people = await People.open(browser, demo);
  let [count, bytes] = [0, 0];
  for (const route of ROUTES.filter(wanted)) {
    for (const lang of LANGUAGES) {
      const { reader } = await people.visit(route, lang);
      for (const [end, size] of widths(route)) {
        await reader.page.setViewportSize(size);
        for (const colorScheme of THEMES) {
          await reader.page.emulateMedia({ colorScheme });
          bytes += await take(reader, `${route.name}-${lang}-${colorScheme}${end}`, size);
          count += 1;
        }
      }
    }
  }
  await people.close({ expected: [TROUBLE] });
  console.log(`${count} pictures, ${Math.round(bytes / 1024)} KiB, in ${folder}`);
} finally {
  await browser.close();
  await demo.stop();
}
