// One question at a time, /view: changes in the order in which they were made, then the parts of the page that are not up to
// date, what is in sight first.
import { clearProblems, showProblems } from "./fields.js";
import { draw, show } from "./drawing.js";
import { $, push, setup, showHistory, state } from "./state.js";

export const PARTS = ["headline", "completion", "plan", "why", "map", "batches", "trains", "tanks", "findings"];
const SLOW = new Set(["findings"]); // asked last, and never while a slider moves
const ASLEEP = new Set(["plan", "batches", "trains"]); // asked only when they come into sight
const RETRY_MS = 1500;
const results = $("results");

const queue = []; // changes that wait: {change, commits, parts, token}
let underWay = null;
let working = null;
let era = 0; // answers to questions from before a step through the history are of no interest
const stale = new Set();
const urgent = new Set(); // parts of which something else was selected
const visible = new Set();

const seen = () => PARTS.filter((part) => part === "headline" || (visible.has(part) && !SLOW.has(part)));

// A change that is still being made (a slider that moves) gives way to the next; one that is done is never lost.
function ask(question) {
  if (queue.length && !queue[queue.length - 1].commits) queue.pop();
  queue.push(question);
  void work();
}

export const preview = (change) => ask({ change, commits: false, parts: seen() });
export const make = (change) => ask({ change, commits: true, parts: [...seen(), "levers"] });
// Another what-if over the same scenario, as one change that can be undone.
export const adopt = (token) => ask({ token, commits: true, parts: [...seen(), "levers"] });

// Something else is selected: these parts anew. Settled once all that was asked is answered.
export function refresh(parts) {
  parts.forEach((part) => urgent.add(part));
  return work();
}

// The parts that do not show the what-if as it now is: they sleep until they come into sight.
export const outdated = () => [...stale];

// These parts anew as soon as there is nothing more urgent and they are in sight.
export function outdate(parts) {
  parts.forEach((part) => stale.add(part));
  void work();
}

// What the address says, from the beginning.
export function startOver() {
  era += 1;
  queue.length = 0;
  stale.clear();
  clearProblems();
  showHistory();
  ask({ commits: true, parts: ["headline", "completion", "levers", "why"] });
}

// A change that is not yet answered is taken back by not making it; true where there was one.
export function forsake() {
  if (!queue.some((question) => question.commits) && !underWay?.commits) return false;
  startOver();
  return true;
}

function work() {
  working ??= answerAll().finally(() => { working = null; });
  return working;
}

async function answerAll() {
  results.setAttribute("aria-busy", "true");
  while (true) {
    const question = queue.shift() ?? next();
    if (!question) break;
    underWay = question;
    const own = era;
    if (question.commits || question.change) say("page.busy");
    let answer = await post("/view", body(question));
    while (answer === null && own === era && !(queue.length && !question.commits)) { // nobody there: what was asked stays asked
      await pause(RETRY_MS);
      answer = await post("/view", body(question));
    }
    underWay = null;
    if (own === era && answer !== null) take(question, answer);
  }
  results.setAttribute("aria-busy", "false");
  if (!document.querySelector(".error, #problems:not([hidden])")) say("page.ready");
}

function next() {
  if (urgent.size) {
    const parts = [...urgent];
    urgent.clear();
    return { parts };
  }
  const awake = [...stale].filter((part) => visible.has(part) || !ASLEEP.has(part));
  return awake.length ? { parts: [awake.sort((a, b) => rank(a) - rank(b))[0]] } : null;
}

const rank = (part) => (visible.has(part) ? 0 : 10) + (SLOW.has(part) ? 20 : 0) + PARTS.indexOf(part);

function body(question) {
  return {
    scenario: state.scenario, token: question.token ?? state.token, lang: state.lang, cell: state.cell, tank: state.tank,
    month: state.month, rule: state.rule, subject: state.subject, day: state.day, by_grade: state.byGrade, width: $("map-chart").parentElement.clientWidth - 36,
    change: question.change || null, passing: !question.commits, parts: question.parts,
  };
}

// The answer to a question in JSON, or the file that it is; null where nobody answers.
export async function post(where, content, isFile = false) {
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
    if (isFile && response.ok) {
      const name = decodeURIComponent(response.headers.get("content-disposition").split("''")[1]);
      return { ok: true, name, file: await response.blob() };
    }
    return { ok: response.ok, ...(await response.json()) };
  } catch {
    return { ok: false, problems: [{ field: "", words: `HTTP ${response.status}` }] };
  }
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function take(question, answer) {
  question.parts.forEach((part) => stale.delete(part));
  if (!answer.ok) {
    say("page.stale");
    showProblems(answer.problems, question.change);
    return;
  }
  if (question.commits || question.change) clearProblems();
  if (question.commits) {
    if (answer.token !== state.token) {
      state.token = answer.token;
      push();
    }
    [...PARTS, "levers"].filter((part) => !question.parts.includes(part)).forEach((part) => stale.add(part));
  }
  for (const [part, html] of Object.entries(answer.html)) show(part, html);
  for (const [part, chart] of Object.entries(answer.charts)) draw(part, chart);
  showHistory();
  results.dataset.ms = answer.ms;
  results.dataset.drawn = String(Number(results.dataset.drawn || 0) + 1);
  const settled = question.commits || !question.change;
  const detail = { settled, change: question.change || null, problems: answer.problems };
  document.dispatchEvent(new CustomEvent("chainsim:answered", { detail }));
}

export function say(key, values = {}) {
  $("status").textContent = Object.entries(values).reduce((words, [name, value]) => words.replace(`{${name}}`, value), setup.texts[key]);
}

// A part is in sight with its section; one that is folded away, by itself.
const watched = new Map();
const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    for (const part of watched.get(target)) isIntersecting ? visible.add(part) : visible.delete(part);
  }
  if ([...stale].some((part) => visible.has(part))) void work();
}, { rootMargin: "100px" });
for (const part of PARTS) {
  const place = $(part).closest("details") ? $(part) : $(part).closest("section");
  watched.set(place, [...(watched.get(place) ?? []), part]);
  observer.observe(place);
}
