// The journeys with a keyboard only: the focus is always in sight, and every page can be reached.
import { test } from "node:test";
import assert from "node:assert/strict";
import { tabTo, walk } from "../keyboard.js";
import { People } from "../people.js";
import { ROUTES } from "../routes.js";
import { P1 } from "../demo.js";
import { setting } from "../setting.js";

const here = setting();

// Asks with the keys, from the form.
async function ask({ page }) {
  await tabTo(page, "#bsn");
  await page.keyboard.type(P1);
  await page.keyboard.press("Enter");
}

// Presses a key that leads to another page, and waits for it.
async function press({ page }, key, address) {
  await page.keyboard.press(key);
  await page.waitForURL(address);
}

const heading = ({ page }) => page.locator("h1").innerText();

test("asking, the completeness, a section, a record and back", here.read(async (reader) => {
  const { page } = reader;
  await reader.go("/viewer?lang=en");
  await tabTo(page, ".skip");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
  await ask(reader);
  await reader.answered();
  // Everything that a holder gave or did not give.
  await page.keyboard.press("v");
  assert.equal(await page.locator("details.matrix").evaluate((matrix) => matrix.open), true);
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "SUMMARY");
  await tabTo(page, ".matrix .scroll");
  await page.keyboard.press("v");
  assert.equal(await page.locator("details.matrix").evaluate((matrix) => matrix.open), false);
  await tabTo(page, ".jump a[href='#section-results-title']");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => {
    const { top } = document.getElementById("section-results-title").getBoundingClientRect();
    return top >= 0 && top < innerHeight;
  });
  await tabTo(page, "#section-results a[href*='/record/']");
  await press(reader, "Enter", /\/record\//);
  await tabTo(page, "a[href*='/viewer/p/']:not([data-key]):not([href*='/record/'])");
  await press(reader, "o", /\/viewer\/p\/[a-z]+\?lang=en$/);
}));

test("the pages and situations, each by its key", here.read(async (reader) => {
  const { page } = reader;
  await reader.go("/viewer?lang=en");
  await ask(reader);
  await reader.answered();
  for (const [key, address, title] of [
    ["m", /\/medication/, "Medication"], ["l", /\/results/, "Laboratory"], ["t", /\/timeline/, "Timeline"],
    ["o", /\/p\/[a-z]+\?lang=en$/, null], ["2", /view=acute/, null], ["3", /view=medication-check/, null],
    ["4", /view=referral/, null], ["1", /\/p\/[a-z]+\?/, null],
  ]) {
    await press(reader, key, address);
    if (title) assert.equal(await heading(reader), title);
    const current = page.locator(`a[data-key='${key}']`);
    assert.match(await current.getAttribute("aria-current"), /page|true/, key);
  }
}));

test("the filter of the timeline", here.read(async (reader) => {
  const { page } = reader;
  await reader.go("/viewer?lang=en");
  await ask(reader);
  await reader.answered();
  await press(reader, "t", /\/timeline/);
  await tabTo(page, "#period");
  await page.keyboard.press("End");
  await tabTo(page, "#section");
  await page.keyboard.press("ArrowDown");
  await tabTo(page, "form.filter button");
  await press(reader, "Enter", /period=all.*section=[a-z]/);
  assert.ok(await page.locator("table.timeline tbody tr").count() > 0);
}));

test("saying that two are not the same, and taking it back", here.read(async (reader) => {
  const { page } = reader;
  await reader.go("/viewer?lang=en");
  await ask(reader);
  await reader.answered();
  const shared = ".items:not(#section-patient) > .item:has(.mark.shared) a[href*='/record/']";
  await tabTo(page, shared);
  await press(reader, "Enter", /\/record\//);
  await tabTo(page, "input[name=other]");
  await page.keyboard.press("Space");
  await tabTo(page, "input[name=ground]");
  await page.keyboard.press("Space");
  await tabTo(page, "form:has([name=ground]) button");
  await press(reader, "Enter", /done=apart/);
  assert.match(await page.locator(".done[role=status]").innerText(), /kept apart/);
  await tabTo(page, "form:has([name=withdraw]) button");
  await press(reader, "Enter", /done=withdrawn/);
  assert.match(await page.locator(".done[role=status]").innerText(), /taken back/);
}));

test("keys can be turned off, and stay off on the next page", here.read(async (reader) => {
  const { page } = reader;
  await reader.go("/viewer?lang=en");
  await ask(reader);
  await reader.answered();
  await tabTo(page, ".keys summary");
  await page.keyboard.press("Enter");
  await tabTo(page, "button[data-keys]");
  await page.keyboard.press("Enter");
  const address = page.url();
  await page.keyboard.press("m");
  await page.keyboard.press("v");
  assert.equal(await page.locator("details.matrix").evaluate((matrix) => matrix.open), false);
  assert.equal(page.url(), address);
  await page.evaluate(() => document.activeElement.blur());
  await tabTo(page, "a[data-key=m]");
  await press(reader, "Enter", /\/medication/);
  await page.keyboard.press("l");
  await page.keyboard.press("v");
  assert.match(page.url(), /\/medication/);
}));

test("every stop of every page is in sight", async () => {
  const people = await People.open(here.browser, here.demo);
  for (const route of ROUTES.filter((route) => !route.status)) {
    const { reader } = await people.visit(route, "nl");
    assert.ok(await walk(reader.page) > 1, route.name);
  }
  await people.close();
});
