// Prints how long a reader waits. No test asserts these: they are of one machine, which must be calm.
import { launch, Reader } from "./browser.js";
import { P1, startDemo } from "./demo.js";
import { many } from "./many.js";
import { holdersOf, seen, watch } from "./watched.js";

const ROUNDS = 5;
const COUNT = 10_000;

const shown = (times) => {
  const sorted = times.toSorted((a, b) => a - b).map(Math.round);
  return `median ${sorted[Math.floor(sorted.length / 2)]} ms, most ${sorted.at(-1)} ms (${sorted.length} times)`;
};

// The first search of every source that gave something, by the clock of this machine.
async function firstData(demo, after) {
  const { entries } = await demo.control(`journal?after=${after}`);
  const searches = entries.filter(({ service, path, status }) => service.startsWith("source:") && status === 200 && !path.includes("metadata"));
  return Math.min(...searches.map(({ at }) => Date.parse(at)));
}

const last = async (demo) => (await demo.control("journal")).total;

// Asks with the form and gives when the first row stood there, after the submit and after the first source was asked.
async function ask(browser, demo) {
  const reader = await Reader.open(browser, demo.origin);
  await watch(reader);
  await reader.go("/viewer?lang=nl");
  await reader.page.fill("#bsn", P1);
  const before = await last(demo);
  const submitted = Date.now();
  await reader.page.press("#bsn", "Enter");
  await reader.answered();
  const log = await seen(reader);
  const first = log.find((moment) => holdersOf(moment).size > 0).at;
  const asked = await firstData(demo, before);
  return { reader, submitted: first - submitted, source: first - asked, whole: log.at(-1).at - submitted };
}

async function progressive(browser) {
  const demo = await startDemo();
  await (await ask(browser, demo)).reader.close();
  for (const [ura, fault] of [["00700700", "latency:50"], ["00700701", "latency:2000"], ["00700702", "hang"], ["00700703", "latency:50"], ["00700704", "latency:50"]]) {
    await demo.control("faults", { service: `source:${ura}`, fault });
  }
  const times = [];
  for (let round = 0; round < 3; round += 1) {
    await demo.forget("journal");
    const one = await ask(browser, demo);
    times.push(one);
    await one.reader.close();
  }
  console.log(`sources at 50 ms, 2 s and never: first row after the submit ${shown(times.map((one) => one.submitted))}`);
  console.log(`  after the first answer of a source (asked + 50 ms) ${shown(times.map((one) => one.source - 50))}`);
  await demo.stop();
}

// From a press of a key to the page that it leads to, loaded and painted.
async function press(reader, key) {
  const { page } = reader;
  const began = Date.now();
  await Promise.all([page.waitForEvent("load"), page.keyboard.press(key)]);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  return Date.now() - began;
}

async function large(browser) {
  const folder = many(COUNT);
  const demo = await startDemo({ args: folder.args });
  await (await ask(browser, demo)).reader.close();
  await demo.forget("journal");
  const one = await ask(browser, demo);
  console.log(`${COUNT} records: first row ${Math.round(one.submitted)} ms after the submit, ${Math.round(one.source)} ms after the source was asked; all of it after ${Math.round(one.whole)} ms`);
  for (const [key, name] of [["o", "overview"], ["m", "medication"], ["l", "laboratory"], ["t", "timeline"], ["2", "acute care"]]) {
    const times = [];
    for (let round = 0; round < ROUNDS; round += 1) times.push(await press(one.reader, key));
    const elements = await one.reader.page.evaluate(() => document.getElementsByTagName("*").length);
    console.log(`  ${name}: ${shown(times)}, ${elements} elements`);
  }
  const opened = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    opened.push(await one.reader.page.evaluate(() => new Promise((done) => {
      const began = performance.now();
      document.dispatchEvent(new KeyboardEvent("keydown", { key: "v", bubbles: true }));
      requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began)));
    })));
  }
  console.log(`  the matrix opened or closed: ${shown(opened)}`);
  await one.reader.close();
  await demo.stop();
  folder.remove();
}

const browser = await launch();
await progressive(browser);
await large(browser);
await browser.close();
