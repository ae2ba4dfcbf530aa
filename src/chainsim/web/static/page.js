// The what-if page. It asks one question, /view, and shows its answer; here is what the reader touches.
// Others on the page hear of each answer by the event "chainsim:answered".
import { forsake, make, outdate, preview, refresh, startOver } from "./asking.js";
import { after } from "./drawing.js";
import { changeOf } from "./fields.js";
import { startLeaving } from "./leaving.js";
import { startMoving } from "./moving.js";
import { startPlan } from "./plan.js";
import { startPrinting } from "./printing.js";
import { $, arrived, begin, keep, push, state, turn } from "./state.js";

// --- changes

$("levers").addEventListener("input", (event) => {
  const input = event.target;
  if (input.type !== "range") return;
  const change = changeOf(input);
  $(input.dataset.twin).value = change.begin ?? input.value;
  preview(change);
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
    refresh(["tanks"]);
  } else if (button.id === "add-outage") {
    const option = $("new-asset").selectedOptions[0];
    make({ kind: "new_outage", asset: option.value, cause: option.dataset.cause, begin: button.dataset.begin, days: "7" });
  }
});

after("tanks", (place) => { $("tank-name").textContent = place.querySelector("[data-title]").dataset.title; });

// --- the table of completion

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
  refresh(["why"]);
  if (!state.month) outdate(["batches", "trains"]); // they follow the cell's month
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

$("by-grade").addEventListener("change", () => {
  state.byGrade = $("by-grade").checked;
  keep();
  refresh(["completion"]);
});

// --- history, scenario, language

const undo = () => { if (!forsake()) history.back(); };

$("undo").addEventListener("click", undo);
$("redo").addEventListener("click", () => history.forward());
$("as-filed").addEventListener("click", () => make({ kind: "as_filed" }));
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.target.matches("input[type=text], textarea")) return;
  const key = event.key.toLowerCase();
  const back = key === "z" && !event.shiftKey;
  if (!back && key !== "y" && !(key === "z" && event.shiftKey)) return;
  event.preventDefault();
  if (back && !$("undo").disabled) undo();
  if (!back && !$("redo").disabled) history.forward();
});

window.addEventListener("popstate", (event) => {
  arrived(event);
  start();
});

$("scenario").addEventListener("change", () => {
  Object.assign(state, { scenario: $("scenario").value, token: "", cell: "", tank: "", month: "", day: 0 });
  push();
  start();
});

$("language").addEventListener("click", () => turn($("language").dataset.lang));

// --- beginning

function start() {
  $("scenario").value = state.scenario;
  document.documentElement.style.setProperty("--scenario", $("scenario").selectedOptions[0]?.dataset.colour ?? "");
  $("by-grade").checked = state.byGrade;
  startOver();
}

if (!begin()) {
  const notes = !$("problems").hidden && [...$("problems").childNodes];
  startMoving();
  startPlan();
  startLeaving();
  startPrinting();
  start();
  if (notes) {
    $("problems").replaceChildren(...notes);
    $("problems").hidden = false;
  }
}
