// Axe finds nothing, on every page, in both languages and in both themes; and in forced colours, where words do not matter.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { nothingFound } from "../axe.js";
import { launch, Reader } from "../browser.js";
import { P1, startDemo } from "../demo.js";
import { People } from "../people.js";
import { LANGUAGES, ROUTES, THEMES, TROUBLE } from "../routes.js";

const FORCED = { name: "forced colours", colorScheme: "light", forcedColors: "active" };
const WAYS = THEMES.map((colorScheme) => ({ name: colorScheme, colorScheme, forcedColors: "none" }));

let demo, browser, people;
before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launch()]);
  people = await People.open(browser, demo);
});
after(async () => {
  await people?.close({ expected: [TROUBLE] });
  await browser?.close();
  await demo?.stop();
});

for (const route of ROUTES) {
  for (const lang of LANGUAGES) {
    test(`${route.name} in ${lang}`, async () => {
      const { reader, response } = await people.visit(route, lang);
      assert.equal(response.status(), route.status ?? 200);
      assert.equal(await reader.page.getAttribute("html", "lang"), lang);
      for (const { name, ...way } of lang === "nl" ? [...WAYS, FORCED] : WAYS) {
        await reader.page.emulateMedia(way);
        await nothingFound(reader.page, `${route.name} ${lang} ${name}`);
      }
    });
  }
}

test("while the holders are still being asked", async () => {
  await demo.control("faults", { service: "source:00700701", fault: "latency:4000" });
  const other = await Reader.open(browser, demo.origin);
  try {
    await other.ask(P1, { wait: false });
    await other.page.waitForSelector("#completeness[aria-busy=true] table", { state: "attached" });
    await nothingFound(other.page, "busy");
  } finally {
    await demo.forget("faults");
    await other.close();
  }
});
