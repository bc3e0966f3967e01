// What htmx does not do: the moments of the stream that need a choice, keys, printing, and the end of the session.
// Without scripts forms are posted and the server renders everything.
"use strict";

(() => {
  const byId = (id) => document.getElementById(id);
  const main = byId("main");
  const source = byId("stream");
  const say = (text) => { byId("live").textContent = text; };

  // htmx asks and puts the parts in their places (`stream` in the frame); this is around it.
  source.addEventListener("htmx:before:request", () => say(main.dataset.locating));
  // A handle of the session: the page can be loaded again, and the address says nothing.
  source.addEventListener("place", (event) => window.history.replaceState(null, "", event.detail.data));
  // The final order is shown at once, unless the reader has begun to read: rows never move under the eyes.
  source.addEventListener("final", (event) => {
    const show = () => window.htmx.swap({ sourceElement: source, text: event.detail.data, swap: "none" });
    const offer = byId("final");
    if (!offer || window.scrollY < 40) return show();
    offer.hidden = false;
    offer.querySelector("button").onclick = () => { offer.hidden = true; show(); main.focus(); };
  });

  const broken = () => {
    const bar = byId("completeness") || main;
    const note = document.createElement("p");
    note.className = "trouble";
    note.setAttribute("role", "alert");
    note.textContent = main.dataset.broken;
    bar.prepend(note);
    bar.setAttribute("aria-busy", "false");
  };
  // Only a stream that said that it was done has told everything.
  source.addEventListener("htmx:sse:close", (event) => {
    if (event.detail.reason === "message") say(main.dataset.ready);
    else broken();
  });
  source.addEventListener("htmx:error", broken);

  // Keys: off in fields and with a modifier, and off for good when the reader says so. That travels in the address.
  let keys = new URLSearchParams(window.location.search).get("keys") !== "off";
  const carry = () => {
    document.querySelectorAll('a[href^="/viewer/p/"]').forEach((link) => {
      const address = new URL(link.href);
      if (keys) address.searchParams.delete("keys");
      else address.searchParams.set("keys", "off");
      link.href = address.pathname + address.search + address.hash;
    });
    document.querySelectorAll("[data-keys]").forEach((button) => {
      button.textContent = keys ? button.dataset.off : button.dataset.on;
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
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
    if (event.target.closest("[data-keys]")) { keys = !keys; carry(); }
  });

  // Buttons that need this script are hidden without it.
  const enable = () => {
    document.querySelectorAll("[data-print], [data-keys]").forEach((button) => { button.hidden = false; });
    if (!keys) carry();
  };
  document.addEventListener("htmx:after:swap", enable);
  enable();

  // The page does not outlive the session, and one that comes back from the browser's memory shows no patient.
  const leave = () => {
    main.replaceChildren();
    say(main.dataset.over);
    window.location.replace(main.dataset.home);
  };
  if (main.dataset.seconds) window.setTimeout(leave, Number(main.dataset.seconds) * 1000);
  window.addEventListener("pageshow", (event) => { if (event.persisted) leave(); });
})();
