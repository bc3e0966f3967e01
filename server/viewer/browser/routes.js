// Every page of the viewer, as data: what is checked for accessibility, and of which a picture is made. A page more is a
// line more.
//
//   name    name of the picture
//   path    address; {handle} is that of the answer
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
  { name: "record", path: ANSWER, follow: ".item:has(.mark.shared) a[href*='/record/']", phone: true },
  { name: "gone", path: `/viewer/p/${"a".repeat(32)}`, status: 410 },
];

export const LANGUAGES = ["nl", "en"];
export const THEMES = ["light", "dark"];

// Goes to a page of the answer in a language; gives the response.
export async function visit(reader, route, handle, lang) {
  const path = route.path.replace("{handle}", handle);
  const mark = path.includes("?") ? "&" : "?";
  let response = await reader.go(`${path}${mark}lang=${lang}`);
  if (route.follow) {
    const href = await reader.page.locator(route.follow).first().getAttribute("href");
    response = await reader.go(href);
  }
  return response;
}

// A console message that comes with a page of which the status is not 200.
export const TROUBLE = /Failed to load resource: the server responded with a status of 4\d\d/;
