// The plan as a grid: cells written, or pasted from a spreadsheet; each is answered by itself.
import { make } from "./asking.js";
import { after } from "./drawing.js";
import { $, setup } from "./state.js";

const MONTH = /^(\d{4})[-/.年]?(\d{1,2})月?$/;
const wrong = new Map(); // path → {text, words}: what was not accepted stays in its cell until it is mended
const names = new Map(); // path → how the reader calls a cell that is not in the grid
const adding = {}; // what is chosen for a line to add, over each new answer
let outside = 0;
let added = "";

export function startPlan() {
  after("plan", (place) => {
    offer();
    mark(place);
  });

  for (const kind of ["input", "change"]) {
    $("plan").addEventListener(kind, ({ target }) => {
      if (!target.form || target.form.id !== "plan-add") return;
      adding[target.name] = target.value;
      if (target.name === "customer") offer();
    });
  }

  $("plan").addEventListener("submit", (event) => {
    event.preventDefault();
    wrong.delete(added);
    added = addedPath(event.target);
    const { customer, grade, month, amount } = event.target.elements;
    names.set(added, [customer, grade, month].map((select) => select.selectedOptions[0].text).join(", "));
    const words = amount.value;
    if (words.trim()) give({ [added]: words });
    else {
      wrong.set(added, { text: "", words: setup.texts["page.plan.needs_amount"] });
      mark($("plan"));
      tell([]);
    }
  });

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

// The grades that the chosen customer can have, and what was chosen before.
function offer() {
  const form = $("plan-add");
  if (!form) return;
  const { customer, grade, month, amount } = form.elements;
  const choose = (select, value) => {
    if ([...select.options].some((option) => option.value === value)) select.value = value;
  };
  choose(customer, adding.customer);
  grade.replaceChildren(...JSON.parse(customer.selectedOptions[0].dataset.grades).map(([name, title]) => new Option(title, name)));
  choose(grade, adding.grade);
  choose(month, adding.month);
  amount.value = adding.amount ?? "";
}

const cellAt = (path) => $("plan").querySelector(`[data-plan="${CSS.escape(path)}"]`);

const addedPath = ({ elements }) => `plan.${elements.customer.value}.${elements.grade.value}.${elements.month.value}`;

function give(cells) {
  // What was pasted for a line that is not here has no cell to be mended in: the next paste is its answer.
  const gone = [...wrong.keys()].filter((path) => path !== added && !cellAt(path));
  [...gone, ...Object.keys(cells)].forEach((path) => wrong.delete(path));
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
    const labels = headed ? line.slice(0, columns.findIndex((column) => column >= 0)).map(plainly).filter((word) => !/^\d*$/.test(word)) : [];
    const named = labels.length ? rows.find((row) => isOf(row, labels)) : undefined;
    const row = labels.length ? named : rows[first + index];
    const fresh = row ? "" : newLine(labels, input.closest("table").dataset);
    line.forEach((value, at) => {
      const column = headed ? columns[at] : left + at;
      if (headed && column < 0) return;
      const target = row && inputs(row)[column];
      if (target) cells[target.dataset.plan] = value;
      else if (fresh && value.trim()) cells[`plan.${fresh}.${months[column]}`] = value;
      else if (value.trim()) outside += 1;
    });
  });
  return cells;
}

const plainly = (cell) => cell.normalize("NFKC").trim().toLowerCase();

// A line that is not in the grid: customer and grade, one of which is known, for the server to judge; empty where neither is.
function newLine(labels, table) {
  const [customers, grades] = [table.customers, table.grades].map((names) => {
    const known = Object.entries(JSON.parse(names)).map(([words, name]) => [plainly(words), name]);
    return new Map(known);
  });
  const customer = labels.find((words) => customers.has(words));
  const grade = labels.find((words) => words !== customer && grades.has(words));
  const other = labels.find((words) => words !== customer && words !== grade);
  if (!(customer || grade) || !((customer && grade) || other)) return "";
  const unknown = other?.replaceAll(".", "·");
  return `${customer ? customers.get(customer) : unknown}.${grade ? grades.get(grade) : unknown}`;
}

// Whether a pasted line is headed by this row's customer and grade, in either language, or by a customer alone that has one row.
function isOf(row, words) {
  const [customers, grades] = [row.dataset.customers, row.dataset.grades].map((names) => JSON.parse(names).map(plainly));
  if (!words.some((word) => customers.includes(word))) return false;
  return words.some((word) => grades.includes(word)) || (lonely(row) && words.every((word) => customers.includes(word)));
}

const lonely = (row) =>
  [...row.parentElement.children].filter((other) => other.dataset.customers === row.dataset.customers).length === 1;

function answered(cells, problems) {
  const asked = Object.entries(cells).filter(([, text]) => text.trim());
  for (const problem of problems) wrong.set(problem.field, { text: cells[problem.field] ?? "", words: problem.words });
  for (const [path] of asked) cellAt(path)?.classList.add("accepted");
  if (added && added in cells && !wrong.has(added)) {
    delete adding.amount;
    offer();
    cellAt(added)?.focus();
    added = "";
  }
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
  const amount = $("plan-add")?.elements.amount;
  const problem = amount && wrong.get(addedPath($("plan-add")));
  if (problem) {
    amount.setAttribute("aria-invalid", "true");
    amount.setAttribute("aria-describedby", "plan-told");
    amount.title = problem.words;
  }
}

function tell(lines) {
  const told = lines.map((words) => element("p", words));
  if (wrong.size) {
    told.push(element("p", setup.texts["page.plan.refused"].replace("{count}", wrong.size)));
    const list = document.createElement("ul");
    for (const [path, { words }] of wrong) {
      const cell = cellAt(path);
      const called = cell?.getAttribute("aria-label") ?? names.get(path) ?? path.split(".").slice(1).join(", ");
      const label = element(cell ? "button" : "span", called);
      if (cell) {
        Object.assign(label, { type: "button", className: "link" });
        label.addEventListener("click", () => cellAt(path)?.focus()); // by then the grid may be another
      }
      const line = element("li", "");
      line.append(label, ` ${words}`);
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
