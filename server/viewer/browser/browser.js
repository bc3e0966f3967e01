// Debian's Chromium, and a reader in it of whom everything is watched: see `Reader.check`.
import assert from "node:assert/strict";
import { chromium } from "./tools.js";

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

export const LAPTOP = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };

export function launch() {
  return chromium.launch({ executablePath: process.env.SAMENHANG_CHROMIUM, args: FLAGS });
}

// Numbers of the public test range, which are all that the demonstration knows.
const BSN = /9999\d{5}/;

// The parts of the browser that show a PDF come from the browser.
const isBrowserItself = (request) => /^chrome(-extension)?:/.test(request.url());

// One reader: a browser context with one page.
export class Reader {
  #messages = [];
  #requests = [];
  #checks = [];

  static async open(browser, origin, options = {}) {
    const reader = new Reader();
    reader.origin = origin;
    reader.context = await browser.newContext({ viewport: LAPTOP, locale: "nl-NL", ...options });
    reader.context.on("request", (request) => { if (!isBrowserItself(request)) reader.#requests.push(request); });
    reader.context.on("response", (response) => reader.#checks.push(reader.#look(response)));
    if (options.javaScriptEnabled !== false) {
      // A violation of the policy is a console message too; its event says more.
      await reader.context.addInitScript(() => {
        document.addEventListener("securitypolicyviolation", (event) => {
          console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`);
        });
      });
    }
    reader.page = await reader.context.newPage();
    reader.page.on("console", (message) => reader.#messages.push(message.text()));
    reader.page.on("pageerror", (error) => reader.#messages.push(String(error)));
    return reader;
  }

  async #look(response) {
    const url = response.url();
    const type = response.headers()["content-type"] ?? "";
    // Of a PDF that the browser shows by itself Playwright waits for all headers without end.
    if (!url.startsWith(this.origin) || !type.startsWith("text/html")) return [];
    const headers = await response.allHeaders().catch(() => ({}));
    const wrong = [];
    const policy = headers["content-security-policy"] ?? "";
    if (!policy.startsWith("default-src 'none'") || /unsafe|\*|data:|blob:/.test(policy)) wrong.push(`policy of ${url}: ${policy}`);
    if (headers["cache-control"] !== "no-store") wrong.push(`${url} may be kept: ${headers["cache-control"]}`);
    return wrong;
  }

  // Every address that was asked for, with the text of what was posted.
  requests() {
    return this.#requests.map((request) => ({ url: request.url(), referer: request.headers().referer ?? "" }));
  }

  // What holds for every reader, whatever they did: nothing from elsewhere, no message, the policy on every page, no
  // number in an address, nothing left in the browser. `expected` are messages that may come, `login` is where somebody who
  // is not logged in is sent, `also` another origin that takes part.
  async check({ expected = [], login, also } = {}) {
    const open = this.page.isClosed() ? [] : await leftBehind(this.page);
    assert.deepEqual(open, [], "left in the browser's storage");
    assert.deepEqual((await Promise.all(this.#checks)).flat(), []);
    const asked = this.requests();
    const own = [this.origin, login, also].filter(Boolean).map((origin) => `${origin}/`);
    const elsewhere = asked.filter(({ url }) => !own.some((origin) => url.startsWith(origin)));
    assert.deepEqual(elsewhere, [], "asked elsewhere");
    assert.deepEqual(asked.filter(({ url, referer }) => BSN.test(url + referer)), [], "a number in an address");
    assert.deepEqual(this.#messages.filter((text) => BSN.test(text)), [], "a number in a console message");
    const surprising = this.#messages.filter((text) => !expected.some((pattern) => pattern.test(text)));
    assert.deepEqual(surprising, [], "console messages");
  }

  async close(expectations) {
    try {
      await this.check(expectations);
    } finally {
      await this.context.close();
    }
  }

  go(path) {
    return this.page.goto(this.origin + path);
  }

  // Asks about a patient with the form, and waits until it is told that all is in.
  async ask(bsn, { lang = "nl", wait = true } = {}) {
    await this.go(`/viewer?lang=${lang}`);
    await this.page.fill("#bsn", bsn);
    await this.page.press("#bsn", "Enter");
    if (wait) await this.answered();
  }

  answered() {
    return this.page.waitForSelector("#completeness[aria-busy=false]", { timeout: 35_000, state: "attached" });
  }

  // The part of the addresses of this answer that belongs to this session.
  async handle() {
    const address = await this.page.locator("a[data-key=o]").getAttribute("href");
    return /\/viewer\/p\/([a-z]+)/.exec(address)[1];
  }
}

// Everything that a page can leave behind; the cookie of the session is no part of it.
async function leftBehind(page) {
  return page.evaluate(async () => {
    const left = [];
    if (!location.protocol.startsWith("http")) return left;
    if (localStorage.length) left.push("localStorage");
    if (sessionStorage.length) left.push("sessionStorage");
    for (const { name } of await indexedDB.databases()) left.push(`indexedDB ${name}`);
    // Only where the origin is secure, as 127.0.0.1 is.
    for (const name of await caches.keys()) left.push(`cache ${name}`);
    if ((await navigator.serviceWorker.getRegistrations()).length) left.push("a service worker");
    return left;
  });
}
