// What a page does with little room, with paper, and for who wants no motion.
import { test } from "node:test";
import assert from "node:assert/strict";
import { People } from "../people.js";
import { LANGUAGES, ROUTES, TROUBLE } from "../routes.js";
import { P1 } from "../demo.js";
import { setting } from "../setting.js";

const here = setting();
const some = { expected: [TROUBLE] };

// WCAG 1.4.10: at 320 pixels, which is 1280 at 400 %, text reflows and nobody scrolls sideways. Text that its own box cuts
// off is lost to a reader; what scrolls is not.
test("no page scrolls sideways and no text is cut off, on a phone and at 400 %", async () => {
  const people = await People.open(here.browser, here.demo);
  for (const width of [320, 390, 1280]) {
    for (const reader of people.all()) await reader.page.setViewportSize({ width, height: 800 });
    for (const route of ROUTES) {
      for (const lang of width === 320 ? LANGUAGES : ["nl"]) {
        const { reader: { page } } = await people.visit(route, lang);
        const where = `${route.name} ${lang} at ${width}`;
        await page.evaluate(() => document.querySelectorAll("details").forEach((details) => { details.open = true; }));
        const wide = await page.evaluate(() => document.scrollingElement.scrollWidth);
        assert.ok(wide <= width, `${where}: ${wide} pixels`);
        assert.deepEqual(await page.evaluate(cutOff), [], where);
      }
    }
  }
  await people.close(some);
});

// What hides a part of its own text.
function cutOff() {
  const hides = (one) => {
    const { overflowX, overflowY } = getComputedStyle(one);
    return [overflowX, overflowY].some((value) => value === "hidden" || value === "clip");
  };
  return Array.from(document.querySelectorAll("body *:not(.hidden)"))
    .filter((one) => hides(one) && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1))
    .map((one) => one.outerHTML.slice(0, 80));
}

test("on paper who it is, what is missing and when stand with every page", async () => {
  const people = await People.open(here.browser, here.demo);
  for (const reader of people.all()) await reader.page.emulateMedia({ media: "print" });
  for (const route of ROUTES.filter(({ path, status }) => path.includes("{handle}") && !status)) {
    const { reader: { page } } = await people.visit(route, "en");
    const paper = page.locator(".paper");
    assert.equal(await paper.evaluate((one) => getComputedStyle(one).display), "table-header-group", route.name);
    const name = await page.locator("#patient .name").innerText();
    const text = await paper.innerText();
    assert.ok(text.includes(name), `${route.name}: ${name}`);
    assert.match(text, /holders|Complete|Incomplete|incomplete/, route.name);
    assert.match(text, /\d{2}:\d{2}/, route.name);
    assert.ok(!text.includes(P1), route.name);
    assert.equal(await page.locator("button:visible, .tabs:visible, nav.situations:visible").count(), 0, route.name);
  }
  await people.close(some);
});

for (const [reducedMotion, moves] of [["reduce", false], ["no-preference", true]]) {
  test(`motion while holders are asked: ${reducedMotion}`, here.read(async (reader) => {
    await here.demo.control("faults", { service: "source:00700701", fault: "latency:800" });
    await reader.ask(P1, { wait: false });
    await reader.page.waitForSelector("#completeness[aria-busy=true] .state.busy");
    const moving = await reader.page.evaluate(() => document.getAnimations().length > 0);
    assert.equal(moving, moves);
  }, { reducedMotion }));
}
