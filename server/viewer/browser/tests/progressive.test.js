// Sources that answer at once, after two seconds and never: what is there is shown, nothing moves, and it is told.
import { test } from "node:test";
import assert from "node:assert/strict";
import { Reader } from "../browser.js";
import { P1 } from "../demo.js";
import { setting } from "../setting.js";
import { holdersOf, seen, watch } from "../watched.js";

// A question ends after fourteen seconds here, so that `never` does not take long.
const here = setting({ settings: { SAMENHANG__FANOUT__WHOLE_SECONDS: "14", SAMENHANG__FANOUT__INTERACTIVE_SECONDS: "14" } });

const SLOW = { ura: "00700701", name: "Huisartsenpraktijk De Linde", fault: "latency:2000" };
const NEVER = { ura: "00700702", name: "Apotheek Centrum", fault: "hang" };
const FAST = ["00700700", "00700703", "00700704"].map((ura) => ({ ura, fault: "latency:50" }));

// What a server learns of a source once is known when the faults are set.
async function set(sources) {
  const reader = await Reader.open(here.browser, here.demo.origin);
  await reader.ask(P1);
  await reader.close();
  for (const { ura, fault } of sources) await here.demo.control("faults", { service: `source:${ura}`, fault });
}

test("what is there first stands there first, in its place, and the bar and the live region tell it", here.read(async (reader) => {
  await set([...FAST, SLOW, NEVER]);
  await watch(reader);
  await reader.ask(P1);
  const log = await seen(reader);
  const coming = log.filter(({ busy }) => busy === "true");
  const first = coming.find((moment) => holdersOf(moment).size > 0);
  assert.ok(first, "rows while holders are still asked");
  assert.ok(![SLOW, NEVER].some(({ name }) => holdersOf(first).has(name)), "the first rows are of a fast source");
  const later = coming.find((moment) => holdersOf(moment).has(SLOW.name));
  assert.ok(later && later.at > first.at, "the slow source comes after it, and is shown");
  assert.ok(!log.some((moment) => holdersOf(moment).has(NEVER.name)), "nothing of a source that does not answer");
  // A row that is there keeps its place among the rows of its section.
  coming.forEach(({ sections }, place) => {
    for (const [section, rows] of Object.entries(coming[place - 1]?.sections ?? {})) {
      assert.deepEqual(sections[section].slice(0, rows.length), rows, section);
    }
  });
  // Who it is stands there once, however many sources tell it.
  const patients = coming.map(({ sections }) => Object.values(sections).flat().filter(([href]) => href === "the patient").length);
  assert.deepEqual([...new Set(patients)].toSorted(), [0, 1]);
  const sources = coming.map(({ who }) => Number(/\d+/.exec(who)?.[0])).filter(Number.isFinite);
  assert.deepEqual(sources, sources.toSorted((a, b) => a - b), "it stands for more and more of them");
  assert.ok(sources.at(-1) > 1, `${sources}`);
  // The bar counts up to four of five, and names who is missing.
  const counts = log.map(({ meter }) => meter).filter((value) => value !== undefined);
  assert.deepEqual(counts, counts.toSorted((a, b) => a - b), "never back");
  assert.ok(new Set(counts).size >= 3, `${counts}`);
  assert.equal(counts.at(-1), 4);
  assert.match(log.at(-1).bar, /Onvolledig[^]*Apotheek Centrum/);
  // Who does not see it hears it.
  const told = log.map(({ live }) => live).filter((text, place, all) => text && text !== all[place - 1]);
  assert.match(told[0], /gezocht|opgezocht|worden/);
  const answered = told.map((text) => Number(/^(\d+) /.exec(text)?.[1])).filter(Number.isFinite);
  assert.ok(answered.length >= 2, `${told}`);
  assert.deepEqual(answered, answered.toSorted((a, b) => a - b));
  assert.match(told.at(-1), /volledig opgebouwd|opgebouwd/);
}));

test("what a reader is reading stays where it is, and the merged overview is offered", here.read(async (reader) => {
  const { page } = reader;
  await set([...FAST, SLOW]);
  await reader.ask(P1, { wait: false });
  await page.waitForSelector("#section-results .item");
  await page.locator("#section-results-title").evaluate((title) => title.scrollIntoView());
  const row = await page.locator("#section-results .item").first().elementHandle();
  const top = () => row.evaluate((item) => item.getBoundingClientRect().top);
  const place = await top();
  const holders = new Set();
  while ((await page.getAttribute("#completeness", "aria-busy")) === "true") {
    for (const name of await page.locator("#content .chip").allInnerTexts()) holders.add(name);
    assert.ok(Math.abs((await top()) - place) <= 1, `it moved from ${place} to ${await top()}`);
    await page.waitForTimeout(50);
  }
  assert.ok(holders.has(SLOW.name), "other rows came in meanwhile");
  await page.locator("#final button").waitFor();
  assert.ok(Math.abs((await top()) - place) <= 1, "and it did not move at the end");
  await page.locator("#final button").click();
  await page.waitForSelector("#content .mark.shared");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
}));
