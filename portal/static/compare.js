// Puts two to four chosen regions side by side, out of the tables that pages already hold: every
// figure keeps its link, its marks and its words. Nothing is computed here, and without this
// script every province has its page.
"use strict";
{
  const box = document.getElementById("pilih");
  const MOST = 4;
  const NS = "http://www.w3.org/2000/svg";
  const form = box.querySelector("form");
  const said = box.querySelector("[role=status]");
  const chosen = box.querySelector(".chosen");
  const cite = box.querySelector(".cite");
  const told = box.dataset;
  const pages = new Map([["", document]]);

  const selects = [];
  for (let nth = 1; nth <= MOST; nth += 1) {
    const label = box.querySelector("template").content.firstElementChild.cloneNode(true);
    label.querySelector("span").textContent = String(nth);
    const select = label.querySelector("select");
    select.addEventListener("change", () => {
      history.replaceState(null, "", "#" + codes().join(","));
      show();
    });
    selects.push(select);
    form.append(label);
  }
  form.addEventListener("submit", (event) => event.preventDefault());

  const codes = () => [...new Set(selects.map((one) => one.value).filter(Boolean))];
  const pageOf = (code) => (code.endsWith("00") ? "0000" : code.slice(0, 2) + "00");

  async function load(code) {
    const name = pageOf(code);
    if (pages.has(name)) return;
    const answer = await fetch(told.here + "bandingkan/" + name + ".html");
    if (!answer.ok) throw new Error(String(answer.status));
    pages.set(name, new DOMParser().parseFromString(await answer.text(), "text/html"));
  }

  // A figure's links are relative to its page: those of a province's page lie one folder deeper.
  function copied(cell, page) {
    const copy = document.importNode(cell, true);
    for (const link of copy.querySelectorAll("a[href]")) {
      if (page) link.setAttribute("href", link.getAttribute("href").replace(/^\.\.\//, ""));
    }
    copy.removeAttribute("id");
    return copy;
  }

  function row(page, table, code) {
    const found = pages.get(page).querySelector(`${table} tr[data-region="${code}"]`);
    return found && { cells: [...found.children], page };
  }
  function found(table, code) {
    for (const page of pages.keys()) {
      const one = row(page, table, code);
      if (one) return one;
    }
    return null;
  }

  function element(name, parent, text, attributes = {}) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text) made.textContent = text;
    parent.append(made);
    return made;
  }
  const drawn = (name, parent, attributes, text) => {
    const made = document.createElementNS(NS, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text) made.textContent = text;
    parent.append(made);
    return made;
  };

  function tableOf(caption, first, picked) {
    const scroll = element("div", chosen, "", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption });
    const table = element("table", scroll, "", { class: "side" });
    element("caption", table, caption);
    const head = element("tr", element("thead", table));
    element("th", head, first, { scope: "col" });
    for (const one of picked) element("th", head, one.name, { scope: "col", class: "n" });
    return element("tbody", table);
  }

  function augusts(picked) {
    const rows = picked.map((one) => found("[data-augusts]", one.code));
    if (rows.some((one) => !one)) return;
    const years = rows.map((one) =>
      [...pages.get(one.page).querySelectorAll("[data-augusts] [data-year]")].map((head) => Number(head.dataset.year)),
    );
    const lines = rows.map((one, nth) =>
      years[nth].map((year, at) => ({ year, cell: one.cells[at + 1], page: one.page })),
    );
    const every = [...new Set(years.flat())].sort((a, b) => a - b);
    draw(picked, lines, every);
    const body = tableOf(told.title, told.year, picked);
    for (const year of [...every].reverse()) {
      const line = element("tr", body);
      element("th", line, String(year), { scope: "row" });
      for (const points of lines) {
        const point = points.find((one) => one.year === year);
        if (point) {
          const cell = copied(point.cell, point.page);
          // Beside the year before it was a rule on the left; above it, it is one below.
          if (cell.classList.replace("break", "cut") && year === every[0]) cell.classList.remove("cut");
          line.append(cell);
        } else element("td", line, told.missing, { class: "n na" });
      }
    }
  }

  function draw(picked, lines, years) {
    const values = lines.flat().flatMap((one) => (one.cell.dataset.y ? [Number(one.cell.dataset.y)] : []));
    if (values.length < 2) return;
    const top = Math.ceil(Math.max(...values) / 5) * 5;
    const [wide, high, left, right] = [350, 260, 24, 150];
    const x = (year) => left + ((year - years[0]) / Math.max(1, years[years.length - 1] - years[0])) * (wide - left - right);
    const y = (value) => high - 24 - (value / top) * (high - 36);
    const figure = element("figure", chosen);
    const svg = drawn("svg", figure, {
      viewBox: `0 0 ${wide} ${high}`, role: "img", "aria-label": `${told.title}: ${picked.map((one) => one.name).join(", ")}`,
      style: "max-width:520px", "font-size": "14", fill: "var(--ink)",
    });
    for (let value = 0; value <= top; value += 5) {
      drawn("path", svg, { d: `M${left} ${y(value)}H${wide - right}`, stroke: "var(--rule)" });
      drawn("text", svg, { x: left - 4, y: y(value) + 5, "text-anchor": "end" }, String(value));
    }
    for (const year of years) {
      if ((years[years.length - 1] - year) % 2 === 0) drawn("text", svg, { x: x(year), y: high - 4, "text-anchor": "middle" }, String(year));
    }
    const ends = [];
    lines.forEach((points, nth) => {
      const colour = `var(--c${nth + 1})`;
      let path = "";
      let before = null;
      for (const { year, cell } of points) {
        if (!cell.dataset.y) { before = null; continue; }
        const at = `${x(year)} ${y(Number(cell.dataset.y))}`;
        path += (before === year - 1 && "joined" in cell.dataset ? "L" : "M") + at;
        before = year;
        drawn("circle", svg, {
          cx: x(year), cy: y(Number(cell.dataset.y)), r: 4, stroke: colour, "stroke-width": 2,
          fill: cell.dataset.mark === "final" ? colour : "var(--paper)",
        });
      }
      if (path) drawn("path", svg, { d: path, fill: "none", stroke: colour, "stroke-width": 2 });
      const last = points.filter((one) => one.cell.dataset.y).pop();
      if (last) ends.push({ at: y(Number(last.cell.dataset.y)), colour, name: picked[nth].name });
    });
    // Names at the lines' ends are moved apart, and back up where the lowest would leave the picture.
    ends.sort((a, b) => a.at - b.at);
    ends.forEach((one, nth) => { if (nth) one.at = Math.max(one.at, ends[nth - 1].at + 18); });
    const over = ends.length ? Math.max(0, ends[ends.length - 1].at - (high - 24)) : 0;
    for (const one of ends) {
      drawn("circle", svg, { cx: wide - right + 12, cy: one.at - over, r: 5, fill: one.colour });
      drawn("text", svg, { x: wide - right + 22, y: one.at - over + 5, "font-size": one.name.length > 16 ? "12" : "14" },
        one.name.replace("Kabupaten ", "Kab. "));
    }
    element("figcaption", figure, told.caption);
  }

  function measures(picked) {
    const keys = new Map();
    for (const page of pages.values()) {
      for (const table of page.querySelectorAll("[data-column]")) {
        if (!keys.has(table.dataset.column)) keys.set(table.dataset.column, table.caption.textContent);
      }
    }
    let body = null;
    for (const [key, name] of keys) {
      const rows = picked.map((one) => found(`[data-column="${key}"]`, one.code));
      if (rows.some((one) => !one)) continue;
      body ??= tableOf(told.shared, told.measure, picked);
      const line = element("tr", body, "", { "data-shown": key });
      element("th", line, name, { scope: "row" });
      for (const one of rows) line.append(copied(one.cells[1], one.page));
    }
  }

  async function show() {
    const wanted = codes();
    chosen.replaceChildren();
    cite.hidden = wanted.length < 2;
    said.textContent = wanted.length < 2 ? told.none : "";
    if (wanted.length < 2) return;
    try {
      await Promise.all(wanted.filter((code) => !found("[data-augusts]", code)).map(load));
    } catch {
      said.textContent = told.failed;
      return;
    }
    if (wanted.join() !== codes().join()) return;
    chosen.replaceChildren();
    const picked = wanted.map((code) => ({
      code,
      name: selects[0].querySelector(`option[value="${code}"]`).textContent,
    }));
    augusts(picked);
    measures(picked);
    if (!chosen.childElementCount) said.textContent = told.empty;
  }

  function read() {
    const wanted = (location.hash.match(/\b\d{4}\b/g) ?? []).slice(0, MOST);
    selects.forEach((select, nth) => {
      select.value = wanted[nth] ?? "";
    });
    show();
  }
  addEventListener("hashchange", read);
  box.hidden = false;
  read();
}
