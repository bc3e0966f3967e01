// The demonstration as a process: the server that is tested, with the simulated country of which faults can be set.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

// The tests ask more in a minute than one person may; what limits a person has tests of its own.
const QUICK = { SAMENHANG__ACCESS__RATE__BURST: "100000", SAMENHANG__ACCESS__RATE__PER_MINUTE: "100000" };

// The built-in patient that shows most.
export const P1 = "999990019";

// Starts it on free loopback ports. `settings` are environment variables of the configuration.
export async function startDemo({ settings = {}, args = [] } = {}) {
  const child = spawn(process.env.SAMENHANG_BINARY, ["demo", ...args], {
    env: { ...process.env, ...QUICK, ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (part) => { said = (said + part).slice(-4000); });
  const ended = new Promise((done) => child.once("exit", done));
  const line = await Promise.race([
    new Promise((done) => createInterface({ input: child.stdout }).once("line", done)),
    ended.then((status) => { throw new Error(`the demonstration ended with ${status}: ${said}`); }),
  ]);
  const where = JSON.parse(line);
  return {
    origin: new URL(where.viewer).origin,
    internal: new URL(where.health).origin,
    // What the server said on stderr, for a test that failed.
    said: () => said,
    control: (path, body) => control(`${where.control}/${path}`, body),
    forget: (path) => control(`${where.control}/${path}`, undefined, "DELETE"),
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function control(url, body, method = body ? "POST" : "GET") {
  const response = await fetch(url, { method, body: body && JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text}`);
  return text ? JSON.parse(text) : undefined;
}
