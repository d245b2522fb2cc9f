// Adds filtering to lists and a jump to a region; every page is complete without it.
"use strict";
for (const input of document.querySelectorAll("[data-filter]")) {
  const box = input.closest(".filter");
  const items = [...document.querySelectorAll(input.dataset.filter)];
  const said = box.querySelector("[data-count]");
  const groups = [...document.querySelectorAll("main section")].filter((s) => s.querySelector(input.dataset.filter));
  // Of a very long list the first are shown, until all are asked for or something is looked for.
  const first = Number(input.dataset.first ?? Infinity);
  const rest = items.slice(first);
  if (rest.length) {
    const more = document.createElement("button");
    more.type = "button";
    more.textContent = `${input.dataset.all} (${items.length})`;
    for (const item of rest) item.hidden = true;
    more.addEventListener("click", () => {
      for (const item of rest) item.hidden = false;
      more.remove();
    });
    items[0].closest("table").parentElement.after(more);
    input.addEventListener("input", () => more.remove(), { once: true });
  }
  box.hidden = false;
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const item of items) {
      const text = item.textContent.toLowerCase();
      item.hidden = !words.every((word) => text.includes(word));
      if (!item.hidden) shown += 1;
    }
    for (const group of groups) group.hidden = !group.querySelector(`${input.dataset.filter}:not([hidden])`);
    for (const details of document.querySelectorAll("details:has(" + input.dataset.filter + ")")) {
      if (words.length) details.open = true;
    }
    said.textContent = words.length ? String(shown) : "";
  });
}
// A figure opened by its address is opened on the page as well.
const asked = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
for (let details = asked && asked.closest("details"); details; details = details.parentElement.closest("details")) {
  details.open = true;
}
// Paper can't be clicked: what is folded is printed open, and folded again afterwards.
const folded = [];
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details:not([open])")) {
    details.open = true;
    folded.push(details);
  }
});
addEventListener("afterprint", () => {
  for (const details of folded.splice(0)) details.open = false;
});
// Each figure's row offers its citation: who said it, what, where, how it came here, and today.
for (const table of document.querySelectorAll("table.evidence")) {
  const told = table.dataset;
  const text = (row, part) => row.querySelector(part).textContent.trim().replace(/\s+/g, " ");
  for (const row of table.querySelectorAll("tr[id]")) {
    const ask = document.createElement("button");
    ask.type = "button";
    ask.className = "small";
    ask.textContent = told.ask;
    row.cells[2].append(document.createElement("br"), ask);
  }
  table.addEventListener("click", async (event) => {
    const ask = event.target.closest("button.small");
    if (!ask) return;
    const row = ask.closest("tr");
    const lang = document.documentElement.lang;
    const today = new Date().toLocaleDateString(lang, { day: "numeric", month: "long", year: "numeric" });
    const address = `${location.href.split("#")[0]}#${row.id}`;
    const cite = `${told.source}, ${text(row, ".place")}. ${text(row, ".what")}: ${text(row, ".exact")}; ${told.processed}, ${address}, ${told.accessed} ${today}.`;
    let done = told.else;
    try {
      await navigator.clipboard.writeText(cite);
      done = told.done;
    } catch {
      // Without leave to copy, the text below can be selected.
    }
    const shown = row.querySelector("[role=status]") ?? document.createElement("p");
    shown.className = "cite";
    shown.setAttribute("role", "status");
    shown.textContent = `${done} ${cite}`;
    row.cells[2].append(shown);
  });
}
