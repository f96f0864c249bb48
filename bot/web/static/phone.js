// Saves the reload: posts the simulator's own forms, follows its own links, and puts the parts that changed into place.
// Without this file every form and link does the same with a reload.
"use strict";

(() => {
  const bench = document.querySelector("[data-bench]");
  if (!bench) return;
  const screen = document.querySelector("[data-screen]");
  const input = document.getElementById("text");
  const announce = document.getElementById("announce");
  const trouble = document.getElementById("trouble");
  const news = document.getElementById("news");
  const EVERY = 2500;
  let last = Promise.resolve();
  let catalog = "";

  const toNewest = () => { screen.scrollTop = screen.scrollHeight; };

  const keysOf = (root) => new Set([...root.querySelectorAll(".talk > li[id]")].map((item) => item.id));

  // Says what came in, and only that: the conversation itself is not a live region, or it would be read whole.
  function tell(before, nothing) {
    const fresh = [...document.querySelectorAll(".talk > li[id]")].filter((item) => !before.has(item.id));
    const lines = fresh.filter((item) => item.matches(".mt, .entry")).map((item) =>
      (item.querySelector(".bubble") || item).textContent.replace(". Why?", "").trim());
    announce.textContent = lines.join(". ") || nothing;
    return fresh.length > 0;
  }

  function swap(page) {
    const focused = document.activeElement && document.activeElement.id;
    for (const part of document.querySelectorAll("[data-part]")) {
      const fresh = page.querySelector(`[data-part="${part.dataset.part}"]`);
      if (fresh && fresh.innerHTML !== part.innerHTML) part.replaceChildren(...fresh.childNodes);
    }
    if (focused && document.activeElement.id !== focused) {
      document.getElementById(focused)?.focus({ preventScroll: true });
    }
  }

  async function load(url, options) {
    const response = await fetch(url, { ...options, credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (page.querySelector("[data-bench]")) {
      history.replaceState(null, "", response.url.split("#")[0]);
      return page;
    }
    if (response.ok) location.assign(response.url);
    throw new Error(page.getElementById("refusal")?.textContent || "The server did not answer as expected.");
  }

  // One after the other, so that two quick texts arrive in their order.
  function queue(work) {
    bench.setAttribute("aria-busy", "true");
    last = last.then(work).then(() => { trouble.textContent = ""; }, (error) => {
      trouble.textContent = error instanceof TypeError ? "The server cannot be reached." : error.message;
    }).finally(() => bench.removeAttribute("aria-busy"));
  }

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-swap]");
    if (!form) return;
    event.preventDefault();
    const fields = new URLSearchParams(new FormData(form, event.submitter));
    const typed = form.dataset.swap === "text" ? input.value : "";
    if (typed) input.value = "";
    queue(async () => {
      try {
        const page = await load(form.action, { method: "POST", body: fields });
        news.textContent = "";
        const before = keysOf(document);
        swap(page);
        tell(before, form.dataset.swap === "clock" ? "Nothing came in that time." : "No reply.");
        toNewest();
      } catch (error) {
        if (typed && !input.value) input.value = typed;
        throw error;
      }
    });
    if (typed) input.focus();
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest(".talk a.bubble");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    queue(async () => {
      swap(await load(link.href));
      announce.textContent = `Explained beside: ${document.querySelector(".why .quote")?.textContent.trim() || ""}`;
      const why = document.getElementById("why");
      if (why.getBoundingClientRect().top > window.innerHeight * 0.8) why.scrollIntoView({ block: "start" });
    });
  });

  // Whoever edits keywords.yaml beside this page sees at once that it was taken, or why not.
  async function watch() {
    if (document.visibilityState === "visible" && !bench.hasAttribute("aria-busy")) {
      const view = await (await fetch(bench.dataset.state, { credentials: "same-origin" })).json();
      const fresh = JSON.stringify(view.catalog);
      if (view.catalog && catalog && fresh !== catalog) {
        queue(async () => {
          swap(await load(location.href));
          news.textContent = view.catalog.stale
            ? `${bench.dataset.file} was saved with errors: the version before stays in use.`
            : `${bench.dataset.file} was saved and is in use.`;
        });
      }
      catalog = view.catalog ? fresh : catalog;
    }
  }
  const again = () => watch().catch(() => {}).finally(() => setTimeout(again, EVERY));

  const chosen = new URLSearchParams(location.search).has("turn") && document.querySelector(".talk .chosen");
  if (chosen) screen.scrollTop += chosen.getBoundingClientRect().top - screen.getBoundingClientRect().top - 40;
  else toNewest();
  again();
})();
