// What the simulated holders hold: the words of their records, to look for where they must not be.
import { readdirSync, readFileSync } from "node:fs";

const patients = new URL("../../../conformance-tests/testbed/patients/", import.meta.url);

// Shorter words stand everywhere.
const LONG = 7;

function* words(value, name = "") {
  if (typeof value === "string") {
    if (["text", "display", "family", "valueString", "conclusion"].includes(name) && value.length >= LONG) yield value;
  } else if (value && typeof value === "object") {
    for (const [key, inner] of Object.entries(value)) yield* words(inner, Array.isArray(value) ? name : key);
  }
}

// The files about a patient at a holder, or at all others.
function texts(isOf, prefix) {
  const found = new Set();
  for (const holder of readdirSync(patients)) {
    if (!isOf(holder)) continue;
    for (const version of readdirSync(new URL(`${holder}/`, patients))) {
      const folder = new URL(`${holder}/${version}/`, patients);
      for (const file of readdirSync(folder).filter((file) => file.startsWith(prefix))) {
        for (const word of words(JSON.parse(readFileSync(new URL(file, folder), "utf8")))) found.add(word);
      }
    }
  }
  return found;
}

// The words about a patient, whose files begin with `prefix`, that only `holder` has; of all holders without one. Names of
// organisations are no part of them: who holds something may be told.
export function heldBy(prefix, holder) {
  const own = texts((one) => !holder || one === holder, prefix);
  const others = holder ? texts((one) => one !== holder, prefix) : new Set();
  const known = texts(() => true, "organisatie");
  return [...own].filter((word) => !others.has(word) && !known.has(word));
}
