// A patient of whom one source holds very much: a folder for `samenhang demo --source`, made anew and thrown away.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { P1 } from "./demo.js";

const patient = {
  resourceType: "Patient",
  id: "many",
  identifier: [{ system: "http://fhir.nl/fhir/NamingSystem/bsn", value: P1 }],
  name: [{ text: "Testpatiënt V. Veel" }],
  birthDate: "1950-01-01",
  gender: "male",
};

const subject = { reference: "Patient/many" };
const coded = (system, code, text) => ({ coding: [{ system, code, display: text }], text });
const day = (number) => new Date(Date.UTC(2026, 9, 1) - number * 86_400_000).toISOString().slice(0, 10);

// One kind of record: how many of a hundred, and what the one with this number says.
const KINDS = [
  [70, (number) => ({
    resourceType: "Observation",
    status: "final",
    category: [coded("http://terminology.hl7.org/CodeSystem/observation-category", "laboratory", "Laboratory")],
    code: coded("http://loinc.org", `${10_000 + (number % 60)}-1`, `Bepaling ${number % 60}`),
    effectiveDateTime: day(number % 3000),
    valueQuantity: { value: 40 + (number % 97), unit: "mmol/L", system: "http://unitsofmeasure.org", code: "mmol/L" },
  })],
  [10, (number) => ({
    resourceType: "MedicationRequest",
    status: "active",
    intent: "order",
    category: [coded("http://snomed.info/sct", "33633005", "Voorschrijven van geneesmiddel")],
    medicationCodeableConcept: { text: `Middel ${number % 80}` },
    authoredOn: day(number % 2000),
    dosageInstruction: [{ text: "1 maal per dag 1 stuk" }],
  })],
  [8, (number) => ({
    resourceType: "Condition",
    clinicalStatus: coded("http://terminology.hl7.org/CodeSystem/condition-clinical", "active", "Active"),
    code: { text: `Aandoening ${number}` },
    onsetDateTime: day(number),
  })],
  [7, (number) => ({
    resourceType: "Encounter",
    status: "finished",
    class: { system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "AMB", display: "ambulatory" },
    period: { start: day(number) },
  })],
  [5, (number) => ({
    resourceType: "Procedure",
    status: "completed",
    code: { text: `Verrichting ${number}` },
    performedDateTime: day(number),
  })],
];

function* records(count) {
  for (const [share, make] of KINDS) {
    for (let number = 0; number < (count * share) / 100; number += 1) {
      const resource = make(number);
      yield { ...resource, id: `${resource.resourceType.toLowerCase()}-${number}`, subject };
    }
  }
}

// Makes the folder with so many records; gives the arguments of the demonstration and how to throw it away.
export function many(count) {
  // Not called like a folder of the server: a test looks in those for numbers of patients.
  const folder = mkdtempSync(join(tmpdir(), "viewer-many-"));
  const entry = [patient, ...records(count)].map((resource) => ({ resource }));
  writeFileSync(join(folder, "many.json"), JSON.stringify({ resourceType: "Bundle", type: "collection", entry }));
  return {
    args: ["--source", `ura=00000001,name=Ziekenhuis Veel,fhir=r4,dir=${folder}`],
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
