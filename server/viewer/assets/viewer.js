// Streams the overview into the page, and keys. Without this script forms are posted and the server renders everything.
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
    if (tally && fragment.count !== undefined) tally.textContent = String(fragment.count);
    enable(place);
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
    paper: (data) => {
      for (const name of ["who", "state"]) {
        const place = byId(`paper-${name}`);
        if (place) place.textContent = data[name];
      }
    },
    // A handle of the session: the page can be loaded again, and the address says nothing.
    place: (data) => window.history.replaceState(null, "", data.address),
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
    const bar = byId("completeness") || main;
    const note = document.createElement("p");
    note.className = "trouble";
    note.setAttribute("role", "alert");
    note.textContent = main.dataset.broken;
    bar.prepend(note);
    bar.setAttribute("aria-busy", "false");
  };

  const ask = async (form) => {
    const button = form.querySelector("button");
    const fields = new URLSearchParams(new FormData(form));
    const label = button.textContent;
    button.disabled = true;
    button.textContent = main.dataset.locating;
    say(main.dataset.locating);
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
        form.submit();
        return;
      }
      done = await read(response);
    } catch (error) {
      done = false;
    }
    button.disabled = false;
    button.textContent = label;
    const bar = byId("completeness");
    if (!done) broken();
    else if (bar) bar.setAttribute("aria-busy", "false");
    if (done) say(main.dataset.ready);
  };

  // Keys: off in fields and with a modifier, and off for good when the reader says so. That travels in the address.
  let keys = new URLSearchParams(window.location.search).get("keys") !== "off";
  const carry = (root) => {
    root.querySelectorAll('a[href^="/viewer/p/"]').forEach((link) => {
      const address = new URL(link.href);
      if (keys) address.searchParams.delete("keys");
      else address.searchParams.set("keys", "off");
      link.href = address.pathname + address.search + address.hash;
    });
  };
  document.addEventListener("keydown", (event) => {
    const inField = event.target.closest && event.target.closest("input, select, textarea");
    if (!keys || inField || event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    if (event.key === "v") {
      const matrix = document.querySelector("details.matrix");
      if (matrix) { matrix.open = !matrix.open; matrix.querySelector("summary").focus(); }
      return;
    }
    const link = Array.from(document.querySelectorAll("a[data-key]")).find((one) => one.dataset.key === event.key);
    if (link) link.click();
  });

  const enable = (root) => {
    root.querySelectorAll("[data-print]").forEach((button) => {
      button.hidden = false;
      button.onclick = () => window.print();
    });
    root.querySelectorAll("[data-keys]").forEach((button) => {
      const tell = () => { button.textContent = keys ? button.dataset.off : button.dataset.on; };
      button.hidden = false;
      button.onclick = () => { keys = !keys; tell(); carry(document); };
      tell();
    });
    if (window.ReadableStream && window.fetch) {
      root.querySelectorAll("form[data-stream]").forEach((form) => {
        form.onsubmit = (event) => { event.preventDefault(); ask(form); };
      });
    }
    if (!keys) carry(root);
  };
  enable(document);

  // The page does not outlive the session, and one that comes back from the browser's memory shows no patient.
  const leave = () => {
    main.replaceChildren();
    say(main.dataset.over);
    window.location.replace("/viewer");
  };
  if (main.dataset.seconds) window.setTimeout(leave, Number(main.dataset.seconds) * 1000);
  window.addEventListener("pageshow", (event) => { if (event.persisted) leave(); });
})();
