"use strict";
/* The table of edges: one row an edge, sorted and searched by DataTables, filtered by the form above it. */
const report = JSON.parse(document.getElementById("page-data").textContent);
const edgeName = (kind, at) => report[kind === "TF" ? "tfs" : "genes"][report.edges[kind][at]];
const shownDigits = (value, digits) => value === null || value === undefined ? ""
  : value !== 0 && Math.abs(value) < 0.1 ** digits ? value.toExponential(1) : value.toFixed(digits);
const signWords = { "1": "activation", "-1": "repression", "0": "not known" };

/* name, heading, how a value is shown */
const edgeColumns = [
  ["TF", "TF", (at) => edgeName("TF", at)],
  ["target", "Target", (at) => edgeName("target", at)],
  ["probability", "Probability", (at) => shownDigits(report.edges.probability[at], 3)],
  ["importance", "Score", (at) => shownDigits(report.edges.importance[at], 3)],
  ["known", "Edge", (at) => report.edges.known[at] ? "known" : "new"],
  ["sign", "Sign", (at) => signWords[report.edges.sign[at]]],
  ["rank", "Place", (at) => report.edges.rank[at].toLocaleString("en")],
  ["rank_in_tf", "Place in TF", (at) => report.edges.rank_in_tf[at].toLocaleString("en")],
  ["degree_rank", "Place by degree", (at) => Math.round(report.edges.degree_rank[at]).toLocaleString("en")],
  ["frequency", "Frequency", (at) => shownDigits(report.edges.frequency[at], 2)],
  ["sd", "SD", (at) => shownDigits(report.edges.sd[at], 3)],
].filter(([name]) => name in report.edges);
const edgeWords = ["TF", "target", "known", "sign"];

function plainTable(table, rows, columns) {
  table.replaceChildren();
  const head = table.createTHead().insertRow();
  for (const [name, heading] of columns) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = heading;
    if (!edgeWords.includes(name)) cell.className = "n";
    head.append(cell);
  }
  const body = table.createTBody();
  for (const at of rows) {
    const row = body.insertRow();
    for (const [name, , show] of columns) {
      const cell = row.insertCell();
      cell.textContent = show(at);
      if (!edgeWords.includes(name)) cell.className = "n";
    }
  }
}

(() => {
  const form = document.getElementById("edge-filters");
  const fields = form.elements;
  for (const name of ["known", "sign", "probability"]) {
    if (!(name in report.edges)) fields[name === "probability" ? "least" : name].closest("label").remove();
  }
  const value = (name, at) => name === "TF" || name === "target" ? edgeName(name, at) : report.edges[name][at];
  const text = DataTable.render.text().display;
  const table = new DataTable("#edge-table", {
    data: report.edges.TF.map((_, at) => [at]),
    columns: edgeColumns.map(([name, heading, show]) => ({
      title: heading,
      data: null,
      className: edgeWords.includes(name) ? "" : "n",
      type: edgeWords.includes(name) ? "string" : "num",
      searchable: name === "TF" || name === "target",
      render: (_, kind, row) => kind === "display" ? text(show(row[0]))
        : kind === "sort" || kind === "type" ? value(name, row[0]) ?? -Infinity : show(row[0]),
    })),
    order: [],
    pageLength: 20,
    lengthMenu: [20, 50, 100],
    autoWidth: false,
    layout: { topStart: "search", topEnd: "pageLength", bottomStart: "info", bottomEnd: "paging" },
    language: { search: "Search", lengthMenu: "Rows _MENU_", emptyTable: "No edge.", zeroRecords: "No edge is left: clear the filters." },
  });
  const part = (name) => (fields[name]?.value ?? "").trim().toUpperCase();
  const has = (name, at) => edgeName(name, at).toUpperCase().includes(part(name));
  table.search.fixed("form", (_, row) => {
    const at = row[0];
    const same = (name) => !fields[name] || fields[name].value === "" || Number(fields[name].value) === Number(report.edges[name][at]);
    const least = fields.least?.value;
    return has("TF", at) && has("target", at) && same("known") && same("sign")
      && (!least || report.edges.probability[at] >= Number(least));
  });
  const count = document.getElementById("edge-count");
  table.on("draw", () => {
    const { recordsDisplay, recordsTotal } = table.page.info();
    count.textContent = `${recordsDisplay.toLocaleString("en")} of the ${recordsTotal.toLocaleString("en")} edges in this page`;
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => table.draw());
  form.addEventListener("reset", () => setTimeout(() => table.search("").draw()));
  table.draw();
})();
