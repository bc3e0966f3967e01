// What may not be shown never reaches the browser: not the page, not its storage, not what came over the network.
import { test } from "node:test";
import assert from "node:assert/strict";
import { heldBy } from "../held.js";
import { P1 } from "../demo.js";
import { setting } from "../setting.js";

const here = setting();

const HOSPITAL = "00700700";
const NOBODY = "999990068";
const CASES = [
  { name: "the patient refuses all sharing", bsn: "999990056", prefix: "p5-", refuses: true },
  { name: "the consent service does not answer", bsn: "999990081", prefix: "p7-", pages: 1 },
  { name: "a holder has not verified the number", bsn: "999990032", prefix: "p3-", holder: HOSPITAL },
  { name: "two patients have the number at a holder", bsn: "999990044", prefix: "p4-", holder: HOSPITAL },
];

// Everything that the browser is sent: of a page without scripts as it came, of a stream all of it at once.
async function overhear({ context }, isStreamed) {
  const heard = [];
  if (!isStreamed) {
    context.on("response", (response) => heard.push(response.text().catch(() => "")));
    return async () => (await Promise.all(heard)).join("\n");
  }
  await context.route("**/viewer/overview*", async (route) => {
    const response = await route.fetch({ maxRedirects: 0 });
    heard.push(response.text());
    await route.fulfill({ response });
  });
  context.on("response", (response) => {
    if (!response.url().includes("/viewer/overview")) heard.push(response.text().catch(() => ""));
  });
  return async () => (await Promise.all(heard)).join("\n");
}

// Asks, visits the pages of the answer (the first `most`), and gives all that was sent.
async function hear(reader, bsn, isStreamed, most) {
  const heard = await overhear(reader, isStreamed);
  await reader.ask(bsn, { wait: false });
  await reader.page.waitForSelector("#completeness[aria-busy=false], .trouble", { state: "attached" });
  // Kinds of data are no words of a record.
  const kinds = await reader.page.locator(".matrix tbody th").allInnerTexts();
  const pages = await reader.page.locator("a[data-key]").evaluateAll((links) => links.map((link) => link.href));
  for (const page of pages.slice(0, most)) await reader.page.goto(page);
  const all = (await heard()) + (await reader.page.content());
  return kinds.reduce((text, kind) => text.replaceAll(kind, ""), all);
}

// As a page writes it.
const written = (word) => word.replaceAll("&", "&#38;").replaceAll("'", "&#39;").replaceAll('"', "&#34;");
const says = (text, word) => text.includes(word) || text.includes(written(word));

for (const { name, bsn, prefix, holder, refuses, pages } of CASES) {
  for (const javaScriptEnabled of [true, false]) {
    test(`${name}, ${javaScriptEnabled ? "with" : "without"} scripts`, here.read(async (reader) => {
      if (refuses) await here.demo.control("mitz/rules", { patient: bsn, decision: "Deny" });
      const words = heldBy(prefix, holder);
      assert.ok(words.length > 3, `words to look for: ${words.length}`);
      const all = await hear(reader, bsn, javaScriptEnabled, pages);
      // The words of the pages themselves are no leak: those that stand there for a patient whom nobody knows.
      const own = await hear(reader, NOBODY, javaScriptEnabled);
      const leaked = words.filter((word) => says(all, word) && !says(own, word));
      assert.deepEqual(leaked, []);
    }, { javaScriptEnabled, expected: [/the server responded with a status of 5\d\d/] }));
  }
}

test("what is withheld is looked for in the right way: what may be shown is found", here.read(async (reader) => {
  const all = await hear(reader, P1, true);
  const found = heldBy("p1-").filter((word) => says(all, word));
  assert.ok(found.length > 20, `${found.length} words`);
}));
