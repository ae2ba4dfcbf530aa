// The page asks one question, /view, and shows its answer. What is asked stands in the address: scenario, what-if, what is
// selected. Here live only the queue of questions, the history and the drawing.
"use strict";

(() => {
  const setup = JSON.parse(document.getElementById("setup").textContent);
  const $ = (id) => document.getElementById(id);
  const results = $("results");
  const PARTS = ["headline", "completion", "why", "map", "tanks", "findings"];
  const SLOW = new Set(["findings"]); // asked last, and never while a slider moves
  const RETRY_MS = 1500;
  const FRAME_MS = 120;

  // --- state and address

  const state = { scenario: setup.scenario, token: setup.token, lang: setup.lang, cell: "", tank: "", day: 0, byGrade: false };

  function readAddress() {
    const asked = new URLSearchParams(location.search);
    state.scenario = asked.get("s") && hasScenario(asked.get("s")) ? asked.get("s") : setup.scenario;
    state.token = asked.get("w") || "";
    state.cell = asked.get("cell") || "";
    state.tank = asked.get("tank") || "";
    state.day = Number.parseInt(asked.get("day"), 10) || 0;
    state.byGrade = asked.get("grade") === "1";
  }

  const hasScenario = (name) => [...$("scenario").options].some((option) => option.value === name);

  function address(lang = state.lang) {
    const asked = new URLSearchParams({ s: state.scenario });
    if (state.token) asked.set("w", state.token);
    asked.set("lang", lang);
    if (state.cell) asked.set("cell", state.cell);
    if (state.tank) asked.set("tank", state.tank);
    if (state.day) asked.set("day", String(state.day));
    if (state.byGrade) asked.set("grade", "1");
    return `?${asked}`;
  }

  let step = 0; // how many changes lie before this one in the tab's history
  const last = () => Number(sessionStorage.getItem("last") || 0);

  function push() {
    step += 1;
    sessionStorage.setItem("last", String(step));
    history.pushState({ step }, "", address());
    showHistory();
  }

  const keep = () => history.replaceState({ step }, "", address());

  function showHistory() {
    $("undo").disabled = step === 0;
    $("redo").disabled = step >= last();
    $("as-filed").disabled = !state.token;
  }

  // --- questions, one at a time

  const queue = [];
  let asking = false;
  let stale = new Set();
  const visible = new Set();

  const seen = () => PARTS.filter((part) => part === "headline" || (visible.has(part) && !SLOW.has(part)));

  // A change that is still being made (a slider that moves) gives way to the next; one that is done is never lost.
  function ask(question) {
    const waiting = queue[queue.length - 1];
    if (waiting && !waiting.commits) queue.pop();
    queue.push(question);
    void work();
  }

  async function work() {
    if (asking) return;
    asking = true;
    results.setAttribute("aria-busy", "true");
    while (queue.length || stale.size) {
      if (!queue.length) {
        const part = [...stale].sort((a, b) => rank(a) - rank(b))[0];
        queue.push({ parts: [part] });
      }
      const question = queue[0];
      if (question.commits || question.change) say("page.busy");
      const answer = await post("/view", body(question));
      if (answer === null) { // nobody there: what was asked stays asked
        await pause(RETRY_MS);
        continue;
      }
      queue.shift();
      take(question, answer);
    }
    asking = false;
    results.setAttribute("aria-busy", "false");
    if (!document.querySelector(".error, #problems:not([hidden])")) say("page.ready");
  }

  const rank = (part) => (visible.has(part) ? 0 : 10) + (SLOW.has(part) ? 20 : 0) + PARTS.indexOf(part);

  function body(question) {
    return {
      scenario: state.scenario, token: state.token, lang: state.lang, cell: state.cell, tank: state.tank, day: state.day,
      by_grade: state.byGrade, width: $("map-chart").parentElement.clientWidth - 34, change: question.change || null,
      parts: question.parts,
    };
  }

  async function post(where, content) {
    let response;
    try {
      response = await fetch(where, {
        method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(content),
      });
    } catch {
      $("offline").hidden = false;
      return null;
    }
    $("offline").hidden = true;
    try {
      return { ok: response.ok, ...(await response.json()) };
    } catch {
      return { ok: false, problems: [{ field: "", words: `HTTP ${response.status}` }] };
    }
  }

  const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

  function take(question, answer) {
    if (!answer.ok) {
      question.parts.forEach((part) => stale.delete(part));
      showProblems(answer.problems, question.change);
      return;
    }
    clearProblems();
    if (question.commits && answer.token !== state.token) {
      state.token = answer.token;
      push();
    }
    question.parts.forEach((part) => stale.delete(part));
    if (question.commits) {
      [...PARTS, "levers"].filter((part) => !question.parts.includes(part)).forEach((part) => stale.add(part));
    }
    for (const [part, html] of Object.entries(answer.html)) show(part, html);
    for (const [part, chart] of Object.entries(answer.charts)) draw(part, chart);
    showHistory();
    results.dataset.ms = answer.ms;
    results.dataset.drawn = String(Number(results.dataset.drawn || 0) + 1);
  }

  const say = (key) => { $("status").textContent = setup.texts[key]; };

  // --- showing

  function show(part, html) {
    const place = $(part);
    const [open, shut] = ["details[open]", "details:not([open])"].map((which) =>
      [...place.querySelectorAll(which)].map((d) => d.id).filter(Boolean));
    const focused = place.contains(document.activeElement) ? document.activeElement.id || keyOf(document.activeElement) : "";
    const scrolled = [...place.querySelectorAll(".scroll")].map((box) => box.scrollLeft);
    place.innerHTML = html;
    shut.forEach((id) => { if ($(id)) $(id).open = false; });
    open.forEach((id) => { if ($(id)) $(id).open = true; });
    place.querySelectorAll(".scroll").forEach((box, i) => { box.scrollLeft = scrolled[i] || 0; });
    if (focused) (document.getElementById(focused) || findKey(place, focused))?.focus({ preventScroll: true });
    if (part === "tanks") $("tank-name").textContent = place.querySelector("[data-title]").dataset.title;
    if (part === "map") showDay(place.querySelector("[data-days]").dataset);
  }

  const keyOf = (element) => element.dataset?.cell ?? element.dataset?.tank ?? "";
  const findKey = (place, key) => place.querySelector(`[data-cell="${CSS.escape(key)}"], [data-tank="${CSS.escape(key)}"]`);

  const drawn = new Map();

  function draw(part, chart) {
    const place = $(`${part}-chart`);
    const option = chart.option;
    // Drawn words instead of HTML: nothing of a scenario becomes part of the page.
    option.tooltip = { ...option.tooltip, renderMode: "richText" };
    const fixed = part === "map";
    place.style.height = `${chart.height}px`;
    let known = drawn.get(part);
    if (!known) {
      known = echarts.init(place, null, { renderer: "svg" });
      drawn.set(part, known);
      if (!fixed) new ResizeObserver(() => known.resize()).observe(place);
    }
    place.setAttribute("role", "img");
    place.setAttribute("aria-label", chart.alt);
    if (fixed) place.style.width = `${chart.width}px`;
    known.resize(fixed ? { width: chart.width, height: chart.height } : { height: chart.height });
    known.setOption(option, { notMerge: true });
  }

  function showDay({ days, day, told }) {
    $("day").max = days;
    if (!playing) $("day").value = day;
    $("map-day").textContent = told;
  }

  // --- problems, at their fields

  function clearProblems() {
    document.querySelectorAll("p.error").forEach((p) => p.remove());
    document.querySelectorAll("[aria-invalid]").forEach((input) => {
      input.removeAttribute("aria-invalid");
      input.removeAttribute("aria-describedby");
    });
    $("problems").hidden = true;
  }

  function showProblems(problems, change) {
    clearProblems();
    say("page.stale");
    const elsewhere = new Set();
    problems.forEach((problem, index) => {
      const place = fieldOf(problem.field, change);
      if (!place) {
        elsewhere.add([problem.place || problem.field, problem.words].filter(Boolean).join(": "));
        return;
      }
      if ([...place.querySelectorAll("p.error")].some((p) => p.textContent === problem.words)) return;
      const told = document.createElement("p");
      told.className = "error";
      told.id = `error-${index}`;
      told.textContent = problem.words;
      place.append(told);
      place.querySelectorAll("input").forEach((input) => {
        input.setAttribute("aria-invalid", "true");
        input.setAttribute("aria-describedby", told.id);
      });
    });
    $("problems").hidden = elsewhere.size === 0;
    $("problems").replaceChildren(...[...elsewhere].map((words) => {
      const p = document.createElement("p");
      p.textContent = words;
      return p;
    }));
  }

  // A problem of a whole (an asset's opening stocks) is told at the part of it that was just changed.
  function fieldOf(field, change) {
    if (!field) return null;
    if (change?.path?.startsWith(`${field}.`)) field = change.path;
    for (const set of document.querySelectorAll("[data-names]")) {
      for (const name of JSON.parse(set.dataset.names)) {
        const head = `disruptions.${name}`;
        if (field !== head && !field.startsWith(`${head}.`)) continue;
        const own = set.querySelector(`[data-field$="${CSS.escape(field.slice(head.length))}"]`);
        set.open = true;
        return (field !== head && own) || set;
      }
    }
    const fields = [...document.querySelectorAll("[data-field]")].filter((f) =>
      field === f.dataset.field || field.startsWith(`${f.dataset.field}.`) || field.startsWith(`${f.dataset.field}[`));
    const found = fields.sort((a, b) => b.dataset.field.length - a.dataset.field.length)[0] || null;
    if (found?.closest("details")) found.closest("details").open = true;
    return found;
  }

  // --- changes

  function changeOf(input) {
    const value = input.value.trim();
    switch (input.dataset.kind) {
      case "set":
      case "scale":
        return { kind: input.dataset.kind, path: input.dataset.path, value };
      case "order":
        return { kind: "order", number: input.dataset.number, state: input.checked ? "approved" : "draft" };
      case "outage": {
        const set = input.closest("[data-names]");
        const change = { kind: "outage", names: JSON.parse(set.dataset.names) };
        if (input.dataset.key === "on") change.remaining = input.checked ? "0%" : "100%";
        else if (input.dataset.key === "remaining") change.remaining = `${value}%`;
        else if (input.type === "range" && input.dataset.key === "begin") change.begin = dayAfter(set.dataset.start, value);
        else change[input.dataset.key] = value;
        return change;
      }
      default:
        return null;
    }
  }

  function dayAfter(start, days) {
    const day = new Date(`${start}T00:00:00Z`);
    day.setUTCDate(day.getUTCDate() + Number(days));
    return day.toISOString().slice(0, 10);
  }

  const make = (change) => ask({ change, commits: true, parts: [...seen(), "levers"] });

  $("levers").addEventListener("input", (event) => {
    const input = event.target;
    if (input.type !== "range") return;
    const change = changeOf(input);
    $(input.dataset.twin).value = change.begin ?? input.value;
    ask({ change, parts: seen() });
  });

  $("levers").addEventListener("change", (event) => {
    const change = changeOf(event.target);
    if (change) make(change);
  });

  $("levers").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.type === "text") event.target.dispatchEvent(new Event("change", { bubbles: true }));
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.without) make({ kind: "without", paths: JSON.parse(button.dataset.without) });
    else if (button.dataset.cell !== undefined) choose(button.dataset.cell);
    else if (button.dataset.tank) {
      state.tank = button.dataset.tank;
      keep();
      ask({ parts: ["tanks"] });
    } else if (button.id === "add-outage") {
      const option = $("new-asset").selectedOptions[0];
      make({ kind: "new_outage", asset: option.value, cause: option.dataset.cause, begin: button.dataset.begin, days: "7" });
    }
  });

  function choose(cell) {
    state.cell = cell === "/" ? "" : cell;
    keep();
    document.querySelectorAll("#completion td.chosen").forEach((td) => {
      td.classList.remove("chosen");
      td.firstElementChild.removeAttribute("aria-pressed");
    });
    const button = state.cell && $("completion").querySelector(`[data-cell="${CSS.escape(cell)}"]`);
    if (button) {
      button.setAttribute("aria-pressed", "true");
      button.parentElement.classList.add("chosen");
    }
    ask({ parts: ["why"] });
  }

  // Arrow keys walk through the table of completion.
  $("completion").addEventListener("keydown", (event) => {
    const move = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    const cell = event.target.closest?.("td");
    if (!move || !cell) return;
    const row = cell.parentElement;
    const rows = [...row.parentElement.children];
    const next = rows[rows.indexOf(row) + move[0]]?.children[[...row.children].indexOf(cell) + move[1]]?.querySelector("button");
    if (!next) return;
    event.preventDefault();
    next.focus();
  });

  // --- history, scenario, language

  $("undo").addEventListener("click", () => history.back());
  $("redo").addEventListener("click", () => history.forward());
  $("as-filed").addEventListener("click", () => make({ kind: "as_filed" }));
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.target.matches("input[type=text], textarea")) return;
    const key = event.key.toLowerCase();
    const back = key === "z" && !event.shiftKey;
    if (!back && key !== "y" && !(key === "z" && event.shiftKey)) return;
    event.preventDefault();
    if (back && !$("undo").disabled) history.back();
    if (!back && !$("redo").disabled) history.forward();
  });

  window.addEventListener("popstate", (event) => {
    step = event.state?.step ?? 0;
    readAddress();
    start();
  });

  $("scenario").addEventListener("change", () => {
    Object.assign(state, { scenario: $("scenario").value, token: "", cell: "", tank: "", day: 0 });
    push();
    start();
  });

  $("language").addEventListener("click", () => {
    const lang = $("language").dataset.lang;
    sessionStorage.setItem("lang", lang);
    sessionStorage.setItem("step", String(step));
    location.replace(address(lang));
  });

  $("by-grade").addEventListener("change", () => {
    state.byGrade = $("by-grade").checked;
    keep();
    ask({ parts: ["completion"] });
  });

  // --- the map over time

  let playing = false;

  $("day").addEventListener("input", () => {
    state.day = Number($("day").value);
    ask({ parts: ["map"] });
  });
  $("day").addEventListener("change", keep);

  $("play").addEventListener("click", async () => {
    playing = !playing;
    $("play").setAttribute("aria-pressed", String(playing));
    $("play").textContent = setup.texts[playing ? "page.map.pause" : "page.map.play"];
    while (playing) {
      const begun = performance.now();
      state.day = (state.day % Number($("day").max)) + 1;
      $("day").value = state.day;
      const answer = await post("/view", body({ parts: ["map"] }));
      if (!answer?.ok) break;
      show("map", answer.html.map);
      draw("map", answer.charts.map);
      await pause(Math.max(FRAME_MS - (performance.now() - begun), 0));
    }
    keep();
  });

  // --- beginning

  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting) visible.add(entry.target.dataset.section);
      else visible.delete(entry.target.dataset.section);
    }
  }, { rootMargin: "100px" });
  for (const part of PARTS) {
    const section = $(part).closest("section");
    section.dataset.section = part;
    observer.observe(section);
  }

  function start() {
    clearProblems();
    $("scenario").value = state.scenario;
    $("by-grade").checked = state.byGrade;
    showHistory();
    stale = new Set();
    queue.length = asking ? Math.min(queue.length, 1) : 0;
    ask({ commits: true, parts: [...new Set(["headline", "completion", "levers", "why"])] });
  }

  const traversed = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
  const wanted = sessionStorage.getItem("lang");
  if (traversed && wanted && wanted !== state.lang) {
    location.replace(address(wanted));
    return;
  }
  readAddress();
  if (!setup.token) state.token = "";
  step = history.state?.step ?? Number(sessionStorage.getItem("step") || 0);
  sessionStorage.removeItem("step");
  if (history.state === null && step === 0) sessionStorage.setItem("last", "0");
  const notes = !$("problems").hidden && [...$("problems").childNodes];
  keep();
  start();
  if (notes) {
    $("problems").replaceChildren(...notes);
    $("problems").hidden = false;
  }
})();
