// What is installed for these tests, from the folder that ./run made; nothing is installed beside the sources.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const folder = process.env.SAMENHANG_BROWSER_TOOLS;
if (!folder) throw new Error("start these tests with server/viewer/browser/run, which says where the tools are");
const require = createRequire(`${folder}/`);

export const { chromium } = require("playwright-core");
export const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
