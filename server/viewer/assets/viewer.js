// Streams the overview into the page. Without this script the form is posted and the server renders everything.
"use strict";

(() => {
  const main = document.getElementById("main");
  const live = document.getElementById("live");
  const say = (text) => { if (live && text) live.textContent = text; };
  const byId = (id) => document.getElementById(id);

  // Markup comes from our own server only, escaped by its templates; scripts in it would not run (CSP).
  const apply = (fragment) => {
    const place = byId(fragment.into);
    if (!place) return;
    if (fragment.mode === "append") {
      place.insertAdjacentHTML("beforeend", fragment.html);
    } else {
      const open = Array.from(place.querySelectorAll("details.matrix")).some((details) => details.open);
      place.innerHTML = fragment.html;
      if (open) place.querySelectorAll("details.matrix").forEach((details) => { details.open = true; });
    }
    const tally = document.querySelector(`[data-tally="${fragment.into}"]`);
    if (tally) tally.textContent = String(place.children.length);
    enable(place);
  };

  const enable = (root) => {
    root.querySelectorAll("[data-print]").forEach((button) => {
      button.hidden = false;
      button.onclick = () => window.print();
    });
    // The number stays in this page's memory: the markup never repeats it.
    root.querySelectorAll("[data-refresh]").forEach((button) => {
      button.hidden = !asked;
      button.onclick = () => { button.disabled = true; ask(asked, true); };
    });
  };

  // The final order is shown at once, unless the reader has begun to read: rows never move under the eyes.
  const showFinal = (fragment) => {
    const offer = byId("final");
    if (!offer || window.scrollY < 40) return apply(fragment);
    offer.hidden = false;
    offer.querySelector("button").onclick = () => { offer.hidden = true; apply(fragment); main.focus(); };
  };

  const handlers = {
    fragment: apply,
    final: showFinal,
    notice: (data) => say(data.text),
  };

  const read = async (response) => {
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    let rest = "";
    let done = false;
    for (;;) {
      const part = await reader.read();
      if (part.done) break;
      rest += decoder.decode(part.value, { stream: true });
      const blocks = rest.split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) {
        let name = "";
        const data = [];
        for (const line of block.split("\n")) {
          if (line.startsWith("event:")) name = line.slice(6).trim();
          if (line.startsWith("data:")) data.push(line.slice(5).trimStart());
        }
        if (name === "done") done = true;
        else if (handlers[name]) handlers[name](JSON.parse(data.join("\n")));
      }
    }
    return done;
  };

  const broken = () => {
    const text = main.dataset.broken;
    const bar = byId("completeness") || main;
    const note = document.createElement("p");
    note.className = "trouble";
    note.setAttribute("role", "alert");
    note.textContent = text;
    bar.prepend(note);
    bar.setAttribute("aria-busy", "false");
  };

  // The form of the question that is shown.
  let asked = null;

  const ask = async (form, refresh = false) => {
    asked = form;
    const button = form.querySelector("button.main");
    const fields = new URLSearchParams(new FormData(form));
    if (refresh) fields.set("refresh", "1");
    button.disabled = true;
    say(main.dataset.locating);
    button.textContent = main.dataset.locating;
    let done = false;
    try {
      const response = await fetch(form.action, {
        method: "POST",
        body: fields,
        headers: { Accept: "text/event-stream" },
        credentials: "same-origin",
        cache: "no-store",
        redirect: "error",
      });
      if (!response.ok || !(response.headers.get("content-type") || "").startsWith("text/event-stream")) {
        // The server explains what is wrong in a page of its own.
        if (!form.isConnected) {
          form.hidden = true;
          document.body.append(form);
        }
        form.submit();
        return;
      }
      done = await read(response);
    } catch (error) {
      done = false;
    }
    const bar = byId("completeness");
    if (!done) broken();
    else if (bar) bar.setAttribute("aria-busy", "false");
    if (done) say(main.dataset.ready);
  };

  const form = byId("ask");
  if (form && window.ReadableStream && window.fetch) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      ask(form);
    });
  }
  enable(document);
  // A page that comes back from the browser's memory must not show a patient.
  window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.replace("/viewer"); });
})();
