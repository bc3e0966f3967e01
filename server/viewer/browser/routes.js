// Every page of the viewer, as data: what is checked for accessibility, and of which a picture is made. A page more is a
// line more.
//
//   name    name of the picture
//   path    address; {handle} is that of the answer
//   reader  who reads it, see people.js; the clinician when nobody is named
//   follow  first link like this on the page at `path`, in place of that page
//   status  status that is not 200
//   phone   whether a picture is made for a phone too

const ANSWER = "/viewer/p/{handle}";

export const ROUTES = [
  { name: "form", path: "/viewer", phone: true },
  { name: "overview", path: ANSWER, phone: true },
  { name: "acute", path: `${ANSWER}?view=acute` },
  { name: "medication-check", path: `${ANSWER}?view=medication-check` },
  { name: "referral", path: `${ANSWER}?view=referral` },
  { name: "medication", path: `${ANSWER}/medication`, phone: true },
  { name: "laboratory", path: `${ANSWER}/results`, phone: true },
  { name: "laboratory-one", path: `${ANSWER}/results`, follow: "main a[href*='test=']" },
  { name: "timeline", path: `${ANSWER}/timeline?period=all`, phone: true },
  { name: "section", path: `${ANSWER}/section/results` },
  { name: "record", path: ANSWER, follow: ".items:not(#section-patient) > .item:has(.mark.shared) a[href*='/record/']", phone: true },
  { name: "document", path: `${ANSWER}/section/documents`, follow: ".item:has(.document) a[href*='/record/']" },
  { name: "patient-way-in", path: "/patient", reader: "stranger" },
  { name: "patient-home", path: "/patient", reader: "patient" },
  { name: "patient-overview", path: "/patient/overview", reader: "patient", phone: true },
  { name: "patient-log", path: "/patient/log", reader: "patient", phone: true },
  { name: "operator", path: "/operator", reader: "operator", phone: true },
  { name: "operator-quality", path: "/operator", reader: "operator", follow: "main a.report" },
  { name: "login-failed", path: "/auth/callback", reader: "stranger", status: 403 },
  { name: "gone", path: `/viewer/p/${"a".repeat(32)}`, status: 410 },
];

export const LANGUAGES = ["nl", "en"];
export const THEMES = ["light", "dark"];

// A console message that comes with a page of which the status is not 200.
export const TROUBLE = /Failed to load resource: the server responded with a status of 4\d\d/;
