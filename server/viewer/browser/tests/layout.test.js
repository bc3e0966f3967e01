// What a page does with little room, with paper, and for who wants no motion.
import { test } from "node:test";
import assert from "node:assert/strict";
import { LANGUAGES, ROUTES, TROUBLE, visit } from "../routes.js";
import { P1, setting } from "../setting.js";

const here = setting();
const some = { expected: [TROUBLE] };

// WCAG 1.4.10: at 320 pixels, which is 1280 at 400 %, text reflows and nobody scrolls sideways.
test("no page scrolls sideways at 320 pixels", here.read(async (reader) => {
  const { page } = reader;
  await reader.ask(P1);
  const handle = reader.handle();
  await page.setViewportSize({ width: 320, height: 640 });
  for (const route of ROUTES) {
    for (const lang of LANGUAGES) {
      await visit(reader, route, handle, lang);
      await page.evaluate(() => document.querySelectorAll("details").forEach((details) => { details.open = true; }));
      const wide = await page.evaluate(() => [document.scrollingElement.scrollWidth, innerWidth]);
      assert.ok(wide[0] <= wide[1], `${route.name} ${lang}: ${wide[0]} of ${wide[1]} pixels`);
    }
  }
}, some));

// Text that its own box cuts off is lost to a reader; what scrolls is not.
test("no text is cut off", here.read(async (reader) => {
  const { page } = reader;
  await reader.ask(P1);
  const handle = reader.handle();
  for (const width of [320, 390, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    for (const route of ROUTES) {
      await visit(reader, route, handle, "nl");
      const cut = await page.evaluate(() => Array.from(document.querySelectorAll("body *:not(.hidden)"))
        .filter((one) => {
          const style = getComputedStyle(one);
          const hides = [style.overflowX, style.overflowY].some((value) => value === "hidden" || value === "clip");
          return hides && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1);
        })
        .map((one) => one.outerHTML.slice(0, 80)));
      assert.deepEqual(cut, [], `${route.name} at ${width}`);
    }
  }
}, some));

test("on paper who it is, what is missing and when stand with every page", here.read(async (reader) => {
  const { page } = reader;
  await reader.ask(P1);
  const handle = reader.handle();
  await page.emulateMedia({ media: "print" });
  for (const route of ROUTES.filter(({ path, status }) => path.includes("{handle}") && !status)) {
    await visit(reader, route, handle, "en");
    const paper = page.locator(".paper");
    assert.equal(await paper.evaluate((one) => getComputedStyle(one).display), "table-header-group", route.name);
    const name = await page.locator("#patient .name").innerText();
    const text = await paper.innerText();
    assert.ok(text.includes(name), `${route.name}: ${name}`);
    assert.match(text, /holders|Complete|Incomplete/, route.name);
    assert.match(text, /\d{2}-\d{2}-\d{4}.*\d{2}:\d{2}/, route.name);
    assert.ok(!text.includes(P1), route.name);
    assert.equal(await page.locator("button:visible, .tabs:visible, nav.situations:visible").count(), 0, route.name);
  }
}, some));

for (const [reducedMotion, moves] of [["reduce", false], ["no-preference", true]]) {
  test(`motion while holders are asked: ${reducedMotion}`, here.read(async (reader) => {
    await here.demo.control("faults", { service: "source:00700701", fault: "latency:800" });
    await reader.ask(P1, { wait: false });
    await reader.page.waitForSelector("#completeness[aria-busy=true] .state.busy");
    const moving = await reader.page.evaluate(() => document.getAnimations().length > 0);
    assert.equal(moving, moves);
  }, { reducedMotion }));
}
