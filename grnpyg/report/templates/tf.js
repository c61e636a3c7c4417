"use strict";
/* One TF: its targets as a network, as places by degree and by the model, and as a table. */
(() => {
  const byTF = report.tfs.map(() => []);
  report.edges.TF.forEach((tf, at) => byTF[tf].push(at));
  const places = report.edges.rank_in_tf ?? report.edges.TF.map((_, at) => at);
  byTF.forEach((rows) => rows.sort((a, b) => places[a] - places[b]));
  const by = (id) => document.getElementById(id);
  const name = by("tf-name");
  by("tf-names").append(...report.tfs.map((tf) => { const option = document.createElement("option"); option.value = tf; return option; }));
  if (!("known" in report.edges)) by("tf-known").closest("label").remove();
  if (!("rank" in report.edges && "degree_rank" in report.edges)) by("tf-places").remove();
  let view = null;

  const colours = () => {
    const style = getComputedStyle(document.documentElement);
    const of = (key) => style.getPropertyValue(`--${key}`).trim();
    return { text: of("text"), known: of("known"), fresh: of("new"), tf: of("tf"), page: of("page") };
  };
  const isKnown = (at) => Boolean(report.edges.known?.[at]);
  const sign = (at) => report.edges.sign?.[at] ?? 0;

  function drawGraph(tf, rows) {
    const colour = colours();
    const rings = rows.length > 60 ? 2 : 1; /* every other target farther out, or the names of many would touch */
    by("tf-network").classList.toggle("whole", rings > 1);
    const nearest = Math.max(110, 13 * rows.length / rings / (2 * Math.PI));
    const nodes = rows.map((at, place) => {
      const angle = -Math.PI / 2 + 2 * Math.PI * place / rows.length;
      const radius = nearest + 85 * (place % rings);
      const degrees = angle * 180 / Math.PI;
      const left = Math.cos(angle) < 0;
      return {
        data: { id: `g${at}`, label: edgeName("target", at), known: Number(isKnown(at)), turn: (left ? degrees + 180 : degrees) * Math.PI / 180, side: left ? "left" : "right", dx: Math.cos(angle) * 16 + (left ? 3.5 : -3.5) /* half a node */, dy: Math.sin(angle) * 16 },
        position: { x: radius * Math.cos(angle), y: radius * Math.sin(angle) },
      };
    });
    const lines = rows.map((at) => ({ data: { id: `e${at}`, source: "tf", target: `g${at}`, known: Number(isKnown(at)), line: sign(at) > 0 ? "solid" : sign(at) < 0 ? "dashed" : "dotted", shape: sign(at) < 0 ? "tee" : sign(at) > 0 ? "triangle" : "none" } }));
    const ofKind = (node) => node.data("known") ? colour.known : colour.fresh;
    view?.destroy();
    view = cytoscape({
      container: by("tf-graph"),
      elements: [{ data: { id: "tf", label: tf }, position: { x: 0, y: 0 } }, ...nodes, ...lines],
      layout: { name: "preset", fit: true, padding: 6 },
      userZoomingEnabled: false,
      boxSelectionEnabled: false,
      autoungrabify: true,
      style: [
        { selector: "node", style: { width: 7, height: 7, label: "data(label)", color: colour.text, "font-size": 11, "background-color": ofKind, shape: (node) => node.data("known") ? "rectangle" : "ellipse" } },
        { selector: "node[side]", style: { "text-rotation": "data(turn)", "text-halign": "data(side)", "text-valign": "center", "text-margin-x": "data(dx)", "text-margin-y": "data(dy)" } },
        { selector: "#tf", style: { width: 22, height: 22, shape: "diamond", "background-color": colour.tf, "font-size": 16, "font-weight": "bold", "text-valign": "bottom", "text-margin-y": 4, "text-outline-color": colour.page, "text-outline-width": 3, "z-index": 9 } },
        { selector: "edge", style: { width: 1.2, "curve-style": "straight", "line-color": ofKind, "target-arrow-color": ofKind, "target-arrow-shape": "data(shape)", "arrow-scale": 0.7, "line-style": "data(line)", opacity: 0.75 } },
      ],
    });
    view.fit(view.elements(), 6);
  }

  function drawPlaces(rows) {
    const target = by("tf-scatter");
    if (!target) return;
    const space = "http://www.w3.org/2000/svg";
    const make = (kind, values, words) => {
      const element = document.createElementNS(space, kind);
      for (const [key, value] of Object.entries(values)) element.setAttribute(key, value);
      if (words !== undefined) element.textContent = words;
      return element;
    };
    const [width, height, margin] = [360, 320, 46];
    const largest = Math.max(10, ...rows.map((at) => Math.max(report.edges.rank[at], report.edges.degree_rank[at])));
    const top = Math.ceil(Math.log10(largest));
    const x = (value) => margin + (width - margin - 16) * Math.log10(Math.max(1, value)) / top;
    const y = (value) => height - margin - (height - margin - 10) * Math.log10(Math.max(1, value)) / top;
    const svg = make("svg", { viewBox: `0 0 ${width} ${height}`, class: "places" });
    for (let power = 0; power <= top; power += 1) {
      const label = power < 3 ? String(10 ** power) : `1e${power}`;
      svg.append(make("text", { x: x(10 ** power), y: height - margin + 16, "text-anchor": "middle" }, label));
      svg.append(make("text", { x: margin - 6, y: y(10 ** power) + 4, "text-anchor": "end" }, label));
    }
    svg.append(make("path", { d: `M${margin} 10V${height - margin}H${width - 16}`, class: "axis" }));
    svg.append(make("path", { d: `M${x(1)} ${y(1)}L${x(10 ** top)} ${y(10 ** top)}`, class: "diagonal" }));
    svg.append(make("text", { x: width / 2 + 18, y: height - 8, "text-anchor": "middle" }, "place by degree"));
    svg.append(make("text", { transform: `translate(12 ${height / 2 - 18}) rotate(-90)`, "text-anchor": "middle" }, "place by the model"));
    for (const at of rows) {
      const [cx, cy] = [x(report.edges.degree_rank[at]), y(report.edges.rank[at])];
      const point = isKnown(at) ? make("rect", { x: cx - 3, y: cy - 3, width: 6, height: 6, class: "known" }) : make("circle", { cx, cy, r: 3.2, class: "new" });
      point.append(make("title", {}, edgeName("target", at)));
      svg.append(point);
    }
    target.replaceChildren(svg);
  }

  function show(remember) {
    const wanted = name.value.trim().toUpperCase();
    const tf = report.tfs.findIndex((one) => one.toUpperCase() === wanted);
    const words = by("tf-words");
    if (tf < 0) {
      words.textContent = wanted ? `No TF of this page is called ${name.value.trim()}.` : "Choose a TF.";
      return;
    }
    const kind = by("tf-known")?.value ?? "";
    const own = byTF[tf].filter((at) => kind === "" || Number(kind) === Number(isKnown(at)));
    const rows = own.slice(0, Number(by("tf-number").value));
    const inFile = report.in_file?.[tf];
    words.textContent = `${report.tfs[tf]}: ${rows.length} targets shown, ${byTF[tf].length} in this page`
      + (inFile ? `, ${inFile[0].toLocaleString("en")} known and ${inFile[1].toLocaleString("en")} new in the table file.` : ".");
    drawGraph(report.tfs[tf], rows);
    drawPlaces(rows);
    plainTable(by("tf-targets"), rows, edgeColumns.filter(([column]) => column !== "TF"));
    if (remember) history.replaceState(null, "", `#tf=${encodeURIComponent(report.tfs[tf])}`);
  }

  const asked = location.hash.startsWith("#tf=") ? decodeURIComponent(location.hash.slice(4)) : null;
  name.value = asked ?? report.first ?? report.tfs[0];
  by("tf-form").addEventListener("submit", (event) => event.preventDefault());
  name.addEventListener("change", () => show(true));
  for (const id of ["tf-number", "tf-known"]) by(id)?.addEventListener("change", () => show(false));
  by("tf-nearer").addEventListener("click", () => view?.zoom({ level: view.zoom() * 1.3, renderedPosition: { x: view.width() / 2, y: view.height() / 2 } }));
  by("tf-farther").addEventListener("click", () => view?.zoom({ level: view.zoom() / 1.3, renderedPosition: { x: view.width() / 2, y: view.height() / 2 } }));
  by("tf-fit").addEventListener("click", () => view?.fit(view.elements(), 6));
  document.addEventListener("themechange", () => show(false));
  addEventListener("resize", () => view?.fit(view.elements(), 6));
  show(false);
  if (asked !== null) by("tf").scrollIntoView();
})();
