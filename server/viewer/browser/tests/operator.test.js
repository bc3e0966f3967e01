// The operator's page: the quality of what sources sent, from the station of the demonstration, and what is said without one.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { launch, Reader } from "../browser.js";
import { P1, startDemo } from "../demo.js";
import { tabTo } from "../keyboard.js";
import { reported } from "../people.js";

let demo, browser;
before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launch()]);
  await reported(demo);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

test("every dimension is a number with what it counts, and leads to the whole report and back, by keys", async () => {
  const reader = await Reader.open(browser, demo.internal);
  const { page } = reader;
  await reader.go("/operator?lang=en");
  const table = page.locator("[aria-labelledby=quality-1] table");
  assert.deepEqual(await table.locator("tbody th").allInnerTexts(), [
    "Conformity", "Completeness (BgZ)", "Terminology", "Identity", "Timeliness", "Loss",
  ]);
  for (const score of await table.locator("td:nth-child(2)").allInnerTexts()) assert.match(score, /^\d{1,3}\.\d %$/);
  for (const counted of await table.locator("tbody td:nth-child(3)").allInnerTexts()) assert.match(counted, /\d+ of \d+/);
  const whole = await table.locator("tfoot td strong").innerText();
  await tabTo(page, "a.report");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/operator\/quality\/ziekenhuis/);
  assert.ok((await page.locator("main").innerText()).includes(`score: ${whole}`));
  // Its own style is let through, and it is dark where the reader is.
  assert.equal(await page.locator("table").first().evaluate((one) => getComputedStyle(one).borderCollapse), "collapse");
  assert.ok(!(await page.content()).includes(P1));
  await tabTo(page, "nav a[href^='/operator?']");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/operator\?lang=en$/);
  await reader.close();
});

test("the same report as FHIR and as JSON", async () => {
  const at = `${demo.internal}/operator/quality/ziekenhuis-oost`;
  const fhir = await (await fetch(`${at}?format=fhir`)).json();
  const json = await (await fetch(`${at}?format=json`)).json();
  assert.equal(fhir.resourceType, "MeasureReport");
  assert.equal(fhir.group.find(({ code }) => code.text === "score").measureScore.value, json.score);
});

test("without a station the page says so, with the key of the configuration", async () => {
  const bare = await startDemo({ settings: { SAMENHANG__SERVER__STATIONS: "[]" } });
  const reader = await Reader.open(browser, bare.internal);
  try {
    await reader.go("/operator?lang=en");
    const text = await reader.page.locator("[aria-labelledby=quality-title]").innerText();
    assert.match(text, /No station is configured \(server\.stations\)/);
    assert.equal(await reader.page.locator("a.report").count(), 0);
  } finally {
    await reader.close();
    await bare.stop();
  }
});
