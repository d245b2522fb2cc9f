// Adds filtering to lists and a jump to a region; every page is complete without it.
"use strict";
for (const input of document.querySelectorAll("[data-filter]")) {
  const box = input.closest(".filter");
  const items = [...document.querySelectorAll(input.dataset.filter)];
  const said = box.querySelector("[data-count]");
  const groups = [...document.querySelectorAll("main section")].filter((s) => s.querySelector(input.dataset.filter));
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
for (const details of document.querySelectorAll("details")) {
  if (location.hash && details.querySelector(location.hash.replace(/[^#\w-]/g, ""))) details.open = true;
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
