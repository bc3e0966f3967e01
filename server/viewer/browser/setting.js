// What every test file needs: one demonstration, one browser, and readers that are checked when their test ends.
import { after, before } from "node:test";
import { launch, Reader } from "./browser.js";
import { startDemo } from "./demo.js";

// Starts both before the tests of a file and stops them after; gives how to run a test with a reader of its own.
export function setting(options) {
  const here = { demo: undefined, browser: undefined };
  before(async () => {
    [here.demo, here.browser] = await Promise.all([startDemo(options), launch()]);
  });
  after(async () => {
    await here.browser?.close();
    await here.demo?.stop();
  });
  // `expected` are console messages that may come, `logsIn` is for a test that is sent to the login, `also` is another origin
  // that takes part; the rest is for the browser context.
  here.read = (work, { expected, logsIn, also, ...context } = {}) => async () => {
    const reader = await Reader.open(here.browser, here.demo.origin, context);
    let done = false;
    try {
      await work(reader);
      done = true;
    } finally {
      const login = logsIn && (await here.demo.control("addresses")).dezi;
      if (done) await reader.close({ expected, login, also });
      else await reader.context.close();
      await here.demo.forget("faults");
    }
  };
  return here;
}
