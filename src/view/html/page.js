// What a page does beyond being read: it filters its changes, sorts its table and opens its folds. All of the page is there
// without this. Nothing here makes markup of a text.
"use strict";
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const form = document.getElementById("search");
  const fleet = document.getElementById("fleet");

  // A link to a project opens its fold.
  const openTarget = () => {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (target && target.tagName === "DETAILS") target.open = true;
  };
  addEventListener("hashchange", openTarget);
  openTarget();

  // On paper all folds are open.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all("details:not([open])");
    for (const fold of closed) fold.open = true;
  });
  addEventListener("afterprint", () => {
    for (const fold of closed) fold.open = false;
  });

  if (fleet) {
    const heads = all("thead th", fleet);
    const body = fleet.querySelector("tbody");
    const value = (row, at) => row.cells[at].dataset.v ?? row.cells[at].textContent;
    const order = new Intl.Collator("en", { numeric: true });
    const sort = (at) => {
      const head = heads[at];
      // Numbers and harms begin with the most.
      const first = at > 0 && body.rows.length > 0 && /^\d/.test(value(body.rows[0], at)) ? "descending" : "ascending";
      const other = first === "ascending" ? "descending" : "ascending";
      const direction = head.getAttribute("aria-sort") === first ? other : first;
      for (const it of heads) it.setAttribute("aria-sort", it === head ? direction : "none");
      const sign = direction === "ascending" ? 1 : -1;
      const rows = [...body.rows].sort((a, b) => sign * order.compare(value(a, at), value(b, at)));
      body.append(...rows);
    };
    heads.forEach((head, at) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => sort(at));
      head.append(button);
      head.setAttribute("aria-sort", "none");
    });
  }

  if (!form) return;
  const fields = ["text", "project", "kind", "risk", "origin"].map((name) => form.elements[name]).filter(Boolean);
  const output = form.querySelector("output");
  const groups = all(".group");
  const rows = fleet ? all("tbody tr", fleet) : [];

  // The projects of an element are its own, or those of what is around it.
  const sets = new Map();
  const projects = (node) => {
    const holder = node.closest("[data-p]");
    if (!holder) return null;
    if (!sets.has(holder)) sets.set(holder, new Set(holder.dataset.p.split(" ")));
    return sets.get(holder);
  };
  const around = (node) => {
    const found = [];
    for (let it = node.parentElement.closest(".group"); it; it = it.parentElement.closest(".group")) found.push(it);
    return found;
  };
  const entry = (node) => ({
    node,
    projects: projects(node),
    kind: node.dataset.k,
    risks: (node.dataset.r ?? "").split(" "),
    origin: node.dataset.o ?? "intended",
    around: around(node),
    names: around(node).map((group) => group.querySelector("h3, h4")?.textContent ?? "").join(" "),
    text: null,
  });
  const entries = all("[data-k], main [data-n]").map(entry);
  const weight = (it, project) => (it.kind === undefined ? 0 : project || !it.projects ? 1 : it.projects.size);
  const total = entries.reduce((sum, it) => sum + weight(it, ""), 0);
  const many = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

  const has = (it, wanted) => {
    if (wanted.project && it.projects && !it.projects.has(wanted.project)) return false;
    if (wanted.kind && it.kind !== wanted.kind) return false;
    if (wanted.risk && !it.risks.includes(wanted.risk)) return false;
    if (wanted.origin && (it.kind === undefined || it.origin !== wanted.origin)) return false;
    if (!wanted.text) return true;
    it.text ??= `${it.names} ${it.node.textContent}`.toLowerCase();
    return it.text.includes(wanted.text);
  };

  // Folds that the search has opened, to be closed when it ends.
  let opened = [];
  const filter = () => {
    const wanted = Object.fromEntries(fields.map((field) => [field.name, field.value.trim().toLowerCase()]));
    const active = Object.values(wanted).some(Boolean);
    const shown = new Set();
    const touched = new Set();
    let changes = 0;
    for (const it of entries) {
      const visible = !active || has(it, wanted);
      if (it.node.hidden === visible) it.node.hidden = !visible;
      if (!visible) continue;
      changes += weight(it, wanted.project);
      it.around.forEach((group) => shown.add(group));
      if (it.projects) for (const project of it.projects) if (!wanted.project || project === wanted.project) touched.add(project);
    }
    for (const group of groups) group.hidden = active && !shown.has(group);
    for (const row of rows) row.hidden = active && !touched.has(row.dataset.p);
    for (const fold of opened) fold.open = false;
    opened = active && shown.size <= 60 ? groups.filter((it) => shown.has(it) && it.tagName === "DETAILS" && !it.open) : [];
    for (const fold of opened) fold.open = true;
    const within = rows.length > 0 ? ` in ${touched.size.toLocaleString("en")} of ${many(rows.length, "project")}` : "";
    output.value = active ? `Shown: ${changes.toLocaleString("en")} of ${many(total, "change")}${within}` : many(total, "change");
  };
  form.addEventListener("input", filter);
  form.addEventListener("reset", () => setTimeout(filter));
  form.addEventListener("submit", (event) => event.preventDefault());
  const turn = (open) => () => {
    opened = [];
    for (const fold of all("main details")) fold.open = open;
  };
  form.elements.open.addEventListener("click", turn(true));
  form.elements.close.addEventListener("click", turn(false));
  form.hidden = false;
  filter();
})();
