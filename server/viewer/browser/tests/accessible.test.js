// Axe finds nothing, on every page, in both languages and in both themes; and in forced colours, where words do not matter.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { nothingFound } from "../axe.js";
import { launch, Reader } from "../browser.js";
import { startDemo } from "../demo.js";
import { LANGUAGES, ROUTES, THEMES, TROUBLE, visit } from "../routes.js";

const FORCED = { name: "forced colours", colorScheme: "light", forcedColors: "active" };
const WAYS = THEMES.map((colorScheme) => ({ name: colorScheme, colorScheme, forcedColors: "none" }));

let demo, browser, reader, handle;
before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launch()]);
  reader = await Reader.open(browser, demo.origin);
  await reader.ask("999990019");
  handle = reader.handle();
});
after(async () => {
  await reader?.close({ expected: [TROUBLE] });
  await browser?.close();
  await demo?.stop();
});

for (const route of ROUTES) {
  for (const lang of LANGUAGES) {
    test(`${route.name} in ${lang}`, async () => {
      const response = await visit(reader, route, handle, lang);
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
    await other.ask("999990019", { wait: false });
    await other.page.waitForSelector("#completeness[aria-busy=true] table", { state: "attached" });
    await nothingFound(other.page, "busy");
  } finally {
    await demo.forget("faults");
    await other.close();
  }
});
