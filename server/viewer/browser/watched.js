// What a reader sees while the holders answer: every change of the rows, the bar and the live region, in order of time.

// Runs in the page, before anything of it is there.
function record() {
  const log = [];
  window.watched = log;
  const look = () => {
    const sections = {};
    for (const list of document.querySelectorAll("#content ul.items[id]")) {
      // The line of the patient stands for more sources as they answer, so its text changes and its place does not.
      sections[list.id] = Array.from(list.querySelectorAll(".item"), (item) => item.hasAttribute("data-patient")
        ? ["the patient", ""]
        : [item.querySelector(".what a, .what strong").getAttribute("href"), item.querySelector(".chip").textContent]);
    }
    const seen = {
      sections,
      busy: document.getElementById("completeness")?.getAttribute("aria-busy"),
      meter: document.querySelector("#completeness meter")?.value,
      bar: document.querySelector("#completeness .state")?.textContent,
      live: document.getElementById("live")?.textContent,
      who: document.querySelector("#content [data-patient] .mark.shared")?.textContent,
    };
    const text = JSON.stringify(seen);
    if (text !== look.last) log.push({ at: performance.timeOrigin + performance.now(), ...seen });
    look.last = text;
  };
  document.addEventListener("DOMContentLoaded", () => {
    new MutationObserver(look).observe(document.body, {
      subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ["aria-busy", "value"],
    });
  });
}

// Watches the pages that this reader opens from now on.
export const watch = ({ context }) => context.addInitScript(record);

// What was seen so far.
export const seen = ({ page }) => page.evaluate(() => window.watched);

// The holders of the rows at a moment.
export const holdersOf = ({ sections }) => new Set(Object.values(sections).flat().map(([, holder]) => holder).filter(Boolean));
