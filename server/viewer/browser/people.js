// The people whose pages these are, each in a browser context of their own: a clinician who has asked about a patient, that
// patient, a stranger who has done nothing yet, and the operator, whose page is on the internal listener.
import { Reader } from "./browser.js";
import { P1 } from "./demo.js";

export class People {
  static async open(browser, demo, options = {}) {
    const people = new People();
    const [clinician, patient, stranger, operator] = await Promise.all(
      [demo.origin, demo.origin, demo.origin, demo.internal].map((origin) => Reader.open(browser, origin, options)),
    );
    people.readers = { clinician, patient, stranger, operator };
    await reported(demo);
    // First who looks, then the patient who sees that in the log.
    await clinician.ask(P1);
    people.handle = await clinician.handle();
    await patient.go("/patient?lang=nl");
    await patient.page.fill("#bsn", P1);
    await patient.page.press("#bsn", "Enter");
    await patient.page.waitForURL(/\/patient\?lang=nl$/);
    return people;
  }

  // Shows a page to who reads it, in a language; gives the reader and the response.
  async visit(route, lang) {
    const reader = this.readers[route.reader ?? "clinician"];
    const path = route.path.replace("{handle}", this.handle);
    let response = await reader.go(`${path}${path.includes("?") ? "&" : "?"}lang=${lang}`);
    if (route.follow) {
      const href = await reader.page.locator(route.follow).first().getAttribute("href");
      response = await reader.go(href);
    }
    return { reader, response };
  }

  all() {
    return Object.values(this.readers);
  }

  async close(expectations) {
    for (const reader of this.all()) await reader.close(expectations);
  }
}

// Waits until no report of a station is missing from the operator's page: the station works right after the start.
export async function reported(demo) {
  for (let tries = 0; tries < 300; tries += 1) {
    const page = await (await fetch(`${demo.internal}/operator?lang=en`)).text();
    if (!page.includes('class="trouble"')) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`the station reported nothing: ${demo.said()}`);
}
