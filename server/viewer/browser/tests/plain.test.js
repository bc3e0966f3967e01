// Without JavaScript everything can be read and done.
import { test } from "node:test";
import assert from "node:assert/strict";
import { People } from "../people.js";
import { ROUTES, TROUBLE } from "../routes.js";
import { P1 } from "../demo.js";
import { setting } from "../setting.js";

const here = setting();
const plain = { javaScriptEnabled: false, expected: [TROUBLE] };

test("every page, from its address", async () => {
  const people = await People.open(here.browser, here.demo, plain);
  for (const route of ROUTES) {
    const { reader, response } = await people.visit(route, "en");
    assert.equal(response.status(), route.status ?? 200, route.name);
    assert.ok(await reader.page.locator("h1").isVisible(), route.name);
    // What only scripts can do is not offered.
    assert.equal(await reader.page.locator("[data-print]:visible, [data-keys]:visible, #final:visible").count(), 0, route.name);
  }
  await people.close(plain);
});

test("the overview with its completeness, by its own links", here.read(async (reader) => {
  const { page } = reader;
  await reader.ask(P1, { lang: "en" });
  assert.ok(await page.locator(".item").count() > 10);
  assert.match(await page.locator("#completeness .sum").innerText(), /holders gave all/);
  await page.click("details.matrix > summary");
  assert.ok(await page.locator(".matrix tbody tr").first().isVisible());
  await page.click("a[data-key=m]");
  assert.equal(await page.locator("h1").innerText(), "Medication");
  await page.click("#language");
  assert.equal(await page.locator("h1").innerText(), "Medicatie");
}, plain));

test("the filter of the timeline, and its pages", here.read(async (reader) => {
  const { page } = reader;
  await reader.ask(P1, { lang: "en" });
  await page.click("a[data-key=t]");
  await page.selectOption("#period", "all");
  await page.click("form.filter button");
  const all = await page.locator("table.timeline tbody tr").count();
  assert.ok(all > 10);
  const holder = await page.locator("#holder option").nth(1).getAttribute("value");
  await page.selectOption("#holder", holder);
  await page.click("form.filter button");
  // Of this holder, or reported by it too.
  const name = await page.locator(`#holder option[value="${holder}"]`).innerText();
  const rows = page.locator("table.timeline tbody tr");
  const chosen = await rows.count();
  assert.ok(chosen > 0 && chosen < all);
  const others = rows.filter({ hasNot: page.locator(`.chip:text-is("${name}")`) });
  for (const row of await others.all()) assert.equal(await row.locator(".mark.shared").count(), 1);
}, plain));

test("saying that two are not the same, and taking it back", here.read(async (reader) => {
  const { page } = reader;
  await reader.ask(P1, { lang: "en" });
  await page.locator(".items:not(#section-patient) > .item:has(.mark.shared) a[href*='/record/']").first().click();
  await page.locator("input[name=other]").first().check();
  await page.locator("input[name=ground]").first().check();
  await page.click("form:has([name=ground]) button");
  assert.match(page.url(), /done=apart/);
  await page.click("form:has([name=withdraw]) button");
  assert.match(page.url(), /done=withdrawn/);
}, plain));

test("logging out", here.read(async (reader) => {
  await reader.ask(P1, { lang: "en" });
  const handle = await reader.handle();
  await reader.page.click("form[action^='/auth/logout'] button");
  const response = await reader.go(`/viewer/p/${handle}?lang=en`);
  assert.equal(response.status(), 410);
}, plain));
