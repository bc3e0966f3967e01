// When the session ends nothing of a patient is left: not in the page, not behind the back button, not in the browser.
import { test } from "node:test";
import assert from "node:assert/strict";
import { TROUBLE } from "../routes.js";
import { P1 } from "../demo.js";
import { setting } from "../setting.js";

const here = setting();
const ends = { expected: [TROUBLE] };

// Nothing on the page is about a patient.
async function empty({ page }) {
  assert.equal(await page.locator("#patient, .item, .paper, table.timeline").count(), 0);
  assert.doesNotMatch(await page.content(), /Ziekenhuis|1985|\*{3,}|masked/);
}

test("the back button after logging out", here.read(async (reader) => {
  const { page } = reader;
  await reader.ask(P1);
  assert.ok(await page.locator(".item").count() > 10);
  await page.click("a[data-key=m]");
  await page.waitForURL(/medication/);
  await page.click("form[action^='/auth/logout'] button");
  await page.waitForURL((url) => !url.pathname.includes("/p/"));
  await empty(reader);
  for (let steps = 0; steps < 3; steps += 1) {
    await page.goBack();
    await page.waitForLoadState();
    await empty(reader);
  }
}, ends));

test("the page empties itself when the time of the session is over", here.read(async (reader) => {
  const { page } = reader;
  await page.clock.install();
  await reader.ask(P1);
  await page.clock.fastForward("16:00");
  await page.waitForURL(/\/viewer(\?|$)/);
  await empty(reader);
}, ends));

test("the server shows nothing when the time of the session is over", here.read(async (reader) => {
  const { page } = reader;
  await reader.ask(P1);
  const address = page.url();
  await here.demo.control("clock", { advance_seconds: 16 * 60 });
  await page.goto(address);
  // By way of the login, to the form.
  assert.equal(new URL(page.url()).pathname, "/viewer");
  await empty(reader);
}, { logsIn: true }));

test("nobody else sees a page by its address", here.read(async (reader) => {
  await reader.ask(P1);
  const address = new URL(reader.page.url());
  await here.read(async (other) => {
    const response = await other.go(address.pathname + address.search);
    assert.equal(response.status(), 410);
    await empty(other);
  }, ends)();
}, ends));
