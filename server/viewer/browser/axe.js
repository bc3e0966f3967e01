// Accessibility of a page as axe judges it.
import assert from "node:assert/strict";
import { axeSource } from "./tools.js";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

// Everything on the page is looked at, also what a reader opens.
async function openAll(page) {
  await page.evaluate(() => document.querySelectorAll("details").forEach((details) => { details.open = true; }));
}

// Axe finds nothing on the page as it stands.
export async function nothingFound(page, where) {
  await openAll(page);
  await page.evaluate(axeSource);
  const found = await page.evaluate(
    (rules) => window.axe.run(document, { runOnly: rules, resultTypes: ["violations"] }),
    RULES,
  );
  const told = found.violations.flatMap((violation) =>
    violation.nodes.map((node) => `${violation.id}: ${node.target} ${node.failureSummary}`));
  assert.deepEqual(told, [], where);
}
