// A reader who has a keyboard only.
import assert from "node:assert/strict";

// More stops than any page has.
const MOST = 400;

// What is wrong with where the focus is: it must be visible, and nothing may lie over it (WCAG 2.4.7 and 2.4.11).
async function wrongFocus(page) {
  return page.evaluate(() => {
    const at = document.activeElement;
    const name = `${at.tagName} ${at.id || at.textContent.trim().slice(0, 40)}`;
    const style = getComputedStyle(at);
    if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 1) return `${name}: no outline`;
    const box = at.getClientRects()[0];
    if (!box) return `${name}: not on the page`;
    const points = [[0.5, 0.5], [0.1, 0.5], [0.9, 0.5], [0.5, 0.1], [0.5, 0.9]].map(([x, y]) =>
      document.elementFromPoint(box.x + box.width * x, box.y + Math.min(box.height, innerHeight) * y));
    const shown = points.some((hit) => hit && (at.contains(hit) || hit.contains(at)) && !hit.matches("html, body"));
    return shown ? "" : `${name}: something lies over it`;
  });
}

// Presses Tab until the focus is on what `selector` names; every stop on the way must be in sight.
export async function tabTo(page, selector) {
  for (let step = 0; step < MOST; step += 1) {
    await page.keyboard.press("Tab");
    const [here, away] = await page.evaluate((wanted) => {
      const at = document.activeElement;
      return [at.matches(wanted), at === document.body];
    }, selector);
    if (!away) assert.equal(await wrongFocus(page), "");
    if (here) return;
  }
  assert.fail(`no Tab leads to ${selector}`);
}

// Walks over every stop of the page once, from its begin; gives how many there are.
export async function walk(page) {
  await page.evaluate(() => { window.scrollTo(0, 0); document.activeElement.blur(); });
  for (let stops = 0; stops < MOST; stops += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(() => document.activeElement === document.body)) return stops;
    assert.equal(await wrongFocus(page), "");
  }
  return assert.fail("the focus never leaves the page");
}
