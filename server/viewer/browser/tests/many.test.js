// A patient with 10,000 records: every page stays small, and says how much more there is.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { launch, Reader } from "../browser.js";
import { P1, startDemo } from "../demo.js";
import { many } from "../many.js";

const COUNT = 10_000;
const MOST_ELEMENTS = 5000;

const PAGES = ["", "?view=acute", "/medication", "/results", "/timeline?period=all", "/section/results", "/section/problems"];

let folder, demo, browser;
before(async () => {
  folder = many(COUNT);
  [demo, browser] = await Promise.all([startDemo({ args: folder.args }), launch()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
  folder?.remove();
});

test("no page grows with what there is", async () => {
  const reader = await Reader.open(browser, demo.origin);
  const { page } = reader;
  const elements = () => page.evaluate(() => document.getElementsByTagName("*").length);
  await reader.ask(P1, { lang: "en" });
  assert.ok(await elements() < MOST_ELEMENTS, "the overview as it streamed");
  assert.equal(await page.locator("#section-results-title .tally").innerText(), String(COUNT * 0.7));
  assert.match(await page.locator("section:has(#section-results) .rest").innerText(), /7000/);
  const handle = await reader.handle();
  for (const path of PAGES) {
    await reader.go(`/viewer/p/${handle}${path}${path.includes("?") ? "&" : "?"}lang=en`);
    assert.ok(await elements() < MOST_ELEMENTS, `${path}: ${await elements()} elements`);
  }
  // Nothing is lost: the last line can be reached.
  await reader.go(`/viewer/p/${handle}/section/results?lang=en`);
  assert.match(await page.locator(".where").innerText(), /of 7000/);
  await page.locator(".steps a").first().click();
  assert.match(await page.locator(".where").innerText(), /of 7000/);
  await reader.close();
});
