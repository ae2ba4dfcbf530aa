// The plan as a grid: cells written, or pasted from a spreadsheet; each is answered by itself.
import { make } from "./asking.js";
import { after } from "./drawing.js";
import { $, setup } from "./state.js";

const MONTH = /^(\d{4})[-/.年]?(\d{1,2})月?$/;
const wrong = new Map(); // path → {text, words}: what was not accepted stays in its cell until it is mended
let outside = 0;

export function startPlan() {
  after("plan", mark);

  $("plan").addEventListener("change", (event) => {
    const { plan } = event.target.dataset;
    if (plan) give({ [plan]: event.target.value });
  });

  $("plan").addEventListener("paste", (event) => {
    const input = event.target.closest("[data-plan]");
    const text = event.clipboardData.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n$/, "");
    if (!input || !/[\t\n]/.test(text)) return; // one value is pasted as everywhere
    event.preventDefault();
    const cells = placed(text.split("\n").map((line) => line.split("\t")), input);
    if (Object.keys(cells).length) give(cells);
    else tell([setup.texts["page.plan.nothing"]]);
  });

  // As in a spreadsheet: Enter and the arrows up and down go from row to row.
  $("plan").addEventListener("keydown", (event) => {
    const down = { Enter: event.shiftKey ? -1 : 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
    const cell = event.target.closest("td");
    if (!down || !event.target.dataset.plan) return;
    const row = cell.parentElement;
    const rows = [...row.parentElement.children];
    const next = rows[rows.indexOf(row) + down]?.children[[...row.children].indexOf(cell)]?.querySelector("input");
    event.preventDefault();
    if (next) {
      next.focus();
      next.select();
    } else event.target.blur();
  });

  document.addEventListener("chainsim:answered", ({ detail }) => {
    if (detail.change?.kind === "plan") answered(detail.change.cells, detail.problems);
    else if (detail.settled && detail.change) {
      wrong.clear();
      tell([]);
    }
  });
}

function give(cells) {
  Object.keys(cells).forEach((path) => wrong.delete(path));
  make({ kind: "plan", cells });
}

// Where each pasted value goes: from the cell downwards and to the right, or where its headings say.
function placed(table, input) {
  const rows = [...input.closest("tbody").children];
  const inputs = (row) => [...row.querySelectorAll("[data-plan]")];
  const months = JSON.parse(input.closest("table").dataset.months);
  const columns = table[0].map((cell) => {
    const match = MONTH.exec(cell.normalize("NFKC").trim());
    return match ? months.indexOf(`${match[1]}-${match[2].padStart(2, "0")}`) : -1;
  });
  const headed = columns.some((column) => column >= 0);
  const first = rows.indexOf(input.closest("tr"));
  const left = inputs(rows[first]).indexOf(input);
  const cells = {};
  outside = 0;
  table.slice(headed ? 1 : 0).forEach((line, index) => {
    const named = headed ? rows.find((row) => isOf(row, line)) : undefined;
    const row = named ?? rows[first + index];
    line.forEach((value, at) => {
      const column = headed ? columns[at] : left + at;
      if (headed && column < 0) return;
      const target = row && inputs(row)[column];
      if (target) cells[target.dataset.plan] = value;
      else if (value.trim()) outside += 1;
    });
  });
  return cells;
}

// Whether a pasted line is headed by this row's customer and grade, in either language.
function isOf(row, line) {
  const [customers, grades] = [row.dataset.customers, row.dataset.grades].map((names) => JSON.parse(names));
  const words = line.slice(0, 3).map((cell) => cell.normalize("NFKC").trim());
  return words.some((word) => customers.includes(word)) && (grades.some((name) => words.includes(name)) || lonely(row));
}

const lonely = (row) =>
  [...row.parentElement.children].filter((other) => other.dataset.customers === row.dataset.customers).length === 1;

function answered(cells, problems) {
  const asked = Object.entries(cells).filter(([, text]) => text.trim());
  for (const problem of problems) wrong.set(problem.field, { text: cells[problem.field] ?? "", words: problem.words });
  for (const [path] of asked) $("plan").querySelector(`[data-plan="${CSS.escape(path)}"]`)?.classList.add("accepted");
  mark($("plan"));
  const lines = [];
  if (asked.length > 1) lines.push(setup.texts["page.plan.accepted"].replace("{count}", asked.length - problems.length));
  if (outside) lines.push(setup.texts["page.plan.outside"].replace("{count}", outside));
  outside = 0;
  tell(lines);
}

function mark(place) {
  for (const input of place.querySelectorAll("[data-plan]")) {
    const problem = wrong.get(input.dataset.plan);
    if (!problem) continue;
    input.value = problem.text;
    input.classList.remove("accepted");
    input.setAttribute("aria-invalid", "true");
    input.title = problem.words;
    input.setAttribute("aria-describedby", "plan-told");
  }
}

function tell(lines) {
  const told = lines.map((words) => element("p", words));
  if (wrong.size) {
    told.push(element("p", setup.texts["page.plan.refused"].replace("{count}", wrong.size)));
    const list = document.createElement("ul");
    for (const [path, { words }] of wrong) {
      const cell = $("plan").querySelector(`[data-plan="${CSS.escape(path)}"]`);
      const button = element("button", cell?.getAttribute("aria-label") ?? path);
      button.type = "button";
      button.className = "link";
      button.addEventListener("click", () => $("plan").querySelector(`[data-plan="${CSS.escape(path)}"]`)?.focus());
      const line = element("li", "");
      line.append(button, ` ${words}`);
      list.append(line);
    }
    told.push(list);
  }
  $("plan-told").replaceChildren(...told);
  $("plan-told").className = wrong.size ? "error" : "note";
}

function element(name, words) {
  const made = document.createElement(name);
  made.textContent = words;
  return made;
}
