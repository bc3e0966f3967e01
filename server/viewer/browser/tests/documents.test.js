// A document is opened by its link, in the browser itself, and only by whom it may be shown to.
import { test } from "node:test";
import assert from "node:assert/strict";
import { nothingFound } from "../axe.js";
import { P1 } from "../demo.js";
import { TROUBLE } from "../routes.js";
import { setting } from "../setting.js";

const here = setting();
// For a page that is no HTML Chromium asks for an icon by itself.
const shown = { expected: [/status of 404/] };
const plain = { javaScriptEnabled: false, ...shown };

const LETTER = "Ontslagbrief orthopedie";
const HOSPITAL = "00700700";
const OTHER = "999990020";
// Words and numbers of the letter, its holder and the patient.
const TELLING = /ontslag|knie|oost|4711|binary|proef|9999\d{5}/i;

const links = ({ page }) => page.locator("#content a.document");
const link = (reader) => reader.page.locator("main a[href*='/document/']").filter({ hasText: LETTER }).first();

// Comes in as the patient.
async function enter(reader, bsn) {
  await reader.go("/patient?lang=nl");
  await reader.page.fill("#bsn", bsn);
  await reader.page.press("#bsn", "Enter");
  await reader.page.waitForURL(/\/patient\?lang=nl$/);
  await reader.go("/patient/overview?lang=nl");
}

// The patient shares nothing while `work` is done. What Mitz said before holds for a minute at most.
async function refused(work) {
  const later = () => here.demo.control("clock", { advance_seconds: 61 });
  await here.demo.control("mitz/rules", { patient: P1, decision: "Deny" });
  await later();
  try {
    await work();
  } finally {
    await here.demo.forget("mitz/rules");
    await later();
  }
}

// Opens a document as `act` does, and holds what the browser shows and what it was sent against what is promised.
async function opens(reader, path, act) {
  const [response] = await Promise.all([
    reader.page.waitForResponse((response) => response.url().includes("/document/")),
    act(),
  ]);
  await reader.page.waitForURL(/\/document\//, { waitUntil: "commit" });
  assert.equal(response.status(), 200);
  // Of a PDF that it shows Chromium tells other headers than it was sent: these are asked for beside it.
  const sent = await reader.context.request.get(reader.origin + path);
  const headers = sent.headers();
  const bytes = await sent.body();
  assert.equal(headers["content-type"], "application/pdf");
  assert.equal(headers["content-disposition"], 'inline; filename="document.pdf"');
  assert.equal(headers["cache-control"], "no-store");
  assert.equal(headers["x-content-type-options"], "nosniff");
  assert.match(headers["content-security-policy"], /^default-src 'none';/);
  assert.doesNotMatch(path, TELLING);
  assert.equal(bytes.subarray(0, 5).toString("latin1"), "%PDF-");
  assert.ok(bytes.includes("(Ontslagbrief orthopedie) Tj"), "the letter itself");
  // It is shown and not saved.
  assert.equal(await reader.page.evaluate(() => document.contentType), "application/pdf");
}

for (const [name, options] of [["with scripts", shown], ["without scripts", plain]]) {
  test(`a clinician opens the letter of the overview, ${name}`, here.read(async (reader) => {
    await reader.ask(P1);
    assert.deepEqual((await links(reader).allInnerTexts()).sort(), [
      "Open document: Echocardiografie hart (PDF)",
      "Open document: Ontslagbrief orthopedie (PDF)",
      "Open document: Röntgenverslag knie rechts (PDF)",
    ]);
    const letter = link(reader);
    await opens(reader, await letter.getAttribute("href"), () => letter.click());
    if (options === plain) return;
    // Back is where the reader was. Without scripts the answer came by a form, which a browser does not send again unasked.
    await reader.page.goBack();
    assert.ok(await link(reader).isVisible());
  }, options));

  test(`a patient opens the own letter, ${name}`, here.read(async (reader) => {
    await enter(reader, P1);
    assert.equal(await links(reader).count(), 3);
    const letter = link(reader);
    await opens(reader, await letter.getAttribute("href"), () => letter.click());
  }, options));
}

test("a letter is reached and opened by keyboard", here.read(async (reader) => {
  await reader.ask(P1);
  const letter = link(reader);
  await letter.focus();
  await opens(reader, await letter.getAttribute("href"), () => reader.page.keyboard.press("Enter"));
}, shown));

test("the page of a letter says what it is and opens it", here.read(async (reader) => {
  const { page } = reader;
  await reader.ask(P1, { lang: "en" });
  await page.locator("#section-documents .item").filter({ hasText: LETTER }).locator("a[href*='/record/']").click();
  assert.ok(await page.locator("#documents-title").isVisible());
  await nothingFound(page, "the page of a letter");
  const letter = page.locator("section:has(> #documents-title) a[href*='/document/']");
  await opens(reader, await letter.getAttribute("href"), () => letter.click());
}, shown));

test("consent that is withdrawn after the page was made closes its documents", here.read(async (reader) => {
  await reader.ask(P1);
  const path = await link(reader).getAttribute("href");
  await refused(async () => {
    const response = await reader.go(path);
    assert.equal(response.status(), 422);
    assert.doesNotMatch(await response.text(), /%PDF|Ontslagbrief|Knoop/);
    await nothingFound(reader.page, "a document that may not be shown");
  });
}, { expected: [TROUBLE] }));

test("what the patient does not share has no document on the page", here.read(async (reader) => {
  await refused(async () => {
    await reader.ask(P1);
    assert.equal(await reader.page.locator("a[href*='/document/']").count(), 0);
    assert.doesNotMatch(await reader.page.content(), /Ontslagbrief|Knoop/);
  });
}));

test("a holder that does not give it: the page says so with a code, and nothing of the letter", here.read(async (reader) => {
  await reader.ask(P1);
  const path = await link(reader).getAttribute("href");
  await here.demo.control("faults", { service: `source:${HOSPITAL}`, fault: "status:500@/Binary" });
  const response = await reader.go(path);
  assert.equal(response.status(), 502);
  assert.match(await reader.page.locator(".trouble .code").innerText(), /SAM-GAT-\d{3}/);
  assert.doesNotMatch(await response.text(), /Ontslagbrief|Knoop/);
  await nothingFound(reader.page, "a document that could not be had");
}, { expected: [/status of 502/] }));

test("the address of a document opens nothing for another", here.read(async (reader) => {
  await reader.ask(P1);
  const clinicians = await link(reader).getAttribute("href");
  await here.read(async (patient) => {
    await enter(patient, P1);
    const own = await link(patient).getAttribute("href");
    await here.read(async (other) => {
      await enter(other, OTHER);
      for (const path of [own, clinicians]) {
        const response = await other.go(path);
        assert.match(response.headers()["content-type"], /^text\/html/);
        assert.doesNotMatch(await response.text(), /%PDF|Ontslagbrief/);
      }
    }, { expected: [TROUBLE] })();
  })();
}));
