// The viewer as it is opened from the record of a patient (SMART App Launch, EHR launch), and where it may not be shown: in a
// frame of another page.
import { createServer } from "node:http";
import { once } from "node:events";
import { test } from "node:test";
import assert from "node:assert/strict";
import { setting } from "../setting.js";

const here = setting();

test("the button in a record opens the overview of its patient", async () => {
  const { ehr_host: host } = await here.demo.control("addresses");
  await here.read(async (reader) => {
    const { page } = reader;
    await page.goto(`${host}/?app=${encodeURIComponent(`${here.demo.origin}/viewer/launch`)}`);
    await page.getByRole("link").first().click();
    await page.waitForURL(/\/viewer\/p\/[a-z]+/);
    assert.equal(new URL(page.url()).origin, here.demo.origin);
    assert.match(await page.locator("#patient .name").innerText(), /Testpatiënt/);
    assert.ok(await page.locator(".item").count() > 10);
    // What proved the launch went through the record system and is in no address that stays.
    assert.doesNotMatch(page.url(), /launch|code|state|iss=/);
    const others = reader.requests().filter(({ url }) => !url.startsWith(`${here.demo.origin}/`));
    assert.ok(others.length > 0 && others.every(({ url }) => url.startsWith(`${host}/`)), JSON.stringify(others));
    // The other pages of the answer are there by their keys, as after a question.
    await page.keyboard.press("m");
    await page.waitForURL(/\/medication/);
    assert.equal(await page.locator("h1").count(), 1);
  }, { also: host })();
});

// Pages of ours: the form, the way in of a patient, and one about a patient.
const FRAMED = ["/viewer", "/patient", `/viewer/p/${"a".repeat(32)}`];

test("a page of another origin cannot show a page of ours in a frame", async () => {
  const frame = createServer((request, response) => {
    response.setHeader("content-type", "text/html");
    response.end(FRAMED.includes(request.url) ? `<iframe src="${here.demo.origin}${request.url}"></iframe>` : "");
  });
  frame.listen(0, "127.0.0.1");
  await once(frame, "listening");
  try {
    const context = await here.browser.newContext();
    const page = await context.newPage();
    for (const path of FRAMED) {
      const refused = page.waitForEvent("console", (message) => /frame-ancestors|X-Frame-Options/.test(message.text()));
      await page.goto(`http://127.0.0.1:${frame.address().port}${path}`);
      await refused;
      const shown = await Promise.all(page.frames().slice(1).map((one) => one.locator("main").count().catch(() => 0)));
      assert.deepEqual(shown, [0], path);
    }
    await context.close();
  } finally {
    frame.closeAllConnections();
    frame.close();
  }
});
