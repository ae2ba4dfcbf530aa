// The page's longer questions. htmx posts the forms, asks again while a job runs and puts the answers in their place; here are
// the question as JSON with all that it is about, tabs, charts, and the variants that this tab remembers.
import { adopt } from "./asking.js";
import { drawIn } from "./drawing.js";
import { download } from "./leaving.js";
import { $, state, tabId } from "./state.js";

const section = $("analyses");
const texts = JSON.parse($("analyses-texts").textContent);
const MOST_VARIANTS = texts.most;
let fanTank = "";
let looked = "";

// --- what is posted: JSON, which no foreign form can send

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  const { action, ...form } = Object.fromEntries(new URLSearchParams(ctx.request.body));
  const about = { scenario: state.scenario, token: state.token, lang: state.lang, cell: state.cell };
  const own = ctx.request.action === "/analyses/compare" ? { variants: compared() } : { action, form, tab: tabId, tank: fanTank || shownTank() };
  ctx.request.headers["Content-Type"] = "application/json";
  ctx.request.body = JSON.stringify({ ...about, ...own });
});

const shownTank = () => state.tank || document.querySelector("#tanks tr.chosen [data-tank]")?.dataset.tank || "";

// A question that the page itself could not read is answered with problems.
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  $("offline").hidden = true;
  if (!ctx.response.headers.get("content-type")?.startsWith("application/json")) return;
  const problems = JSON.parse(ctx.text).problems;
  ctx.text = problems.map((problem) => {
    const told = document.createElement("p");
    told.className = "error";
    told.textContent = problem.words;
    return told.outerHTML;
  }).join("");
});

document.addEventListener("htmx:error", () => { $("offline").hidden = false; });

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  const answer = ctx.target;
  if (!section.contains(answer)) return;
  answer.setAttribute("aria-busy", String(Boolean(answer.querySelector("[data-job=running]"))));
  answer.querySelectorAll("[data-chart]").forEach(draw);
  showWrong(answer);
  tellAtSlider();
});

// --- charts

const charts = new WeakMap();

// In an element of its own: what htmx compares and takes over is the place around it.
function draw(place) {
  charts.get(place)?.dispose();
  const sheet = document.createElement("div");
  place.replaceChildren(sheet);
  charts.set(place, drawIn(sheet, JSON.parse(place.dataset.chart)));
}

function showWrong(answer) {
  const form = $(answer.id.replace("answer", "ask"));
  form?.querySelectorAll("[aria-invalid]").forEach((input) => input.removeAttribute("aria-invalid"));
  answer.querySelectorAll("[data-for]").forEach((told, index) => {
    const input = form?.querySelector(`[name="${CSS.escape(told.dataset.for)}"]`);
    if (!input) return;
    told.id = `${answer.id}-error-${index}`;
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", told.id);
  });
}

// --- tabs

const tabs = [...section.querySelectorAll("[data-tab]")];
const chosen = () => tabs.find((tab) => tab.getAttribute("aria-selected") === "true").dataset.tab;

function choose(kind) {
  for (const tab of tabs) {
    const own = tab.dataset.tab === kind;
    tab.setAttribute("aria-selected", String(own));
    tab.tabIndex = own ? 0 : -1;
    $(`panel-${tab.dataset.tab}`).hidden = !own;
  }
  sessionStorage.setItem("tab", kind);
  look();
}

section.querySelector("[role=tablist]").addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step) return;
  const next = tabs[(tabs.indexOf(event.target) + step + tabs.length) % tabs.length];
  next.focus();
  choose(next.dataset.tab);
});

// How the job of what stands on the page is, or its answer; of the tab that is open.
function look() {
  const kind = chosen();
  if (kind === "compare") showVariants();
  else htmx.trigger($(`look-${kind}`), "look");
}

document.addEventListener("chainsim:answered", ({ detail }) => {
  if (!detail.settled) return;
  showSubject();
  const about = JSON.stringify([state.scenario, state.token, state.cell, state.tank]);
  if (about === looked) return;
  if (state.tank !== JSON.parse(looked || "[]")[3]) fanTank = "";
  looked = about;
  look();
});

function showSubject() {
  const row = document.querySelector("#completion td.chosen")?.closest("tr");
  const month = state.cell.split("/")[1];
  const who = state.cell && row ? [row.querySelector("th").textContent.trim(), month].filter(Boolean).join(", ") : texts.all;
  section.querySelectorAll("[data-about]").forEach((place) => { place.textContent = place.dataset.about.replace("{who}", who); });
}

section.addEventListener("change", (event) => {
  if (event.target.id === "fan-tank") {
    fanTank = event.target.value;
    look();
  } else if (event.target.closest("form.ask")?.id !== "remember") look();
});

section.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.tab) choose(button.dataset.tab);
  else if (button.dataset.keep) void download(button, "/analyses/compare/workbook", { lang: state.lang, cell: state.cell, variants: compared() });
  else if (button.dataset.approve) adopt(button.dataset.approve);
  else if (button.dataset.forget) {
    keep(remembered().filter((_, index) => index !== Number(button.dataset.forget)));
    showVariants();
  } else if (button.dataset.open) open(remembered()[Number(button.dataset.open)]);
});

// --- variants that this tab remembers

const remembered = () => JSON.parse(sessionStorage.getItem("variants") || "[]");
const keep = (variants) => sessionStorage.setItem("variants", JSON.stringify(variants));
const isNow = (variant) => variant.scenario === state.scenario && variant.token === state.token;

// Those remembered, and what stands on the page where it is none of them.
function compared() {
  const variants = remembered();
  if (variants.some(isNow) || variants.length >= MOST_VARIANTS) return variants;
  return [...variants, { name: texts.now, scenario: state.scenario, token: state.token }];
}

$("remember").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = event.target.elements.name;
  const variants = remembered();
  const name = field.value.trim() || (state.token ? texts.variant.replace("{number}", variants.length + 1) : texts.filed);
  const known = variants.find(isNow);
  if (known) known.name = name;
  else if (variants.length < MOST_VARIANTS) variants.push({ name, scenario: state.scenario, token: state.token });
  keep(variants);
  field.value = "";
  showVariants();
});

function open(variant) {
  if (variant.scenario === state.scenario) adopt(variant.token);
  else location.assign(`?${new URLSearchParams({ s: variant.scenario, w: variant.token, lang: state.lang })}`);
}

function showVariants() {
  const variants = compared();
  const known = remembered().length;
  $("variants").replaceChildren(...variants.map((variant, index) => {
    const item = document.createElement("li");
    const swatch = document.createElement("i");
    swatch.className = `swatch swatch-${index}`;
    const name = document.createElement(index < known && !isNow(variant) ? "button" : "strong");
    name.textContent = variant.name;
    item.append(swatch, name);
    if (name.localName === "button") {
      Object.assign(name, { type: "button", className: "link", title: texts.open.replace("{name}", variant.name) });
      name.dataset.open = index;
    }
    if (index < known) {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", className: "icon", textContent: "×" });
      button.setAttribute("aria-label", texts.forget.replace("{name}", variant.name));
      button.dataset.forget = index;
      item.append(button);
    }
    return item;
  }));
  $("few").hidden = variants.length > 1;
  $("full").hidden = known < MOST_VARIANTS;
  $("remember").querySelector("button").disabled = known >= MOST_VARIANTS && !remembered().some(isNow);
  if (variants.length > 1) htmx.trigger($("look-compare"), "look");
  else $("answer-compare").replaceChildren();
}

// --- a tipping point at each slider

function pathOf(slider) {
  const { kind, path, key } = slider.dataset;
  if (kind === "set" || kind === "scale") return path;
  const names = slider.closest("[data-names]");
  return names && (key === "days" || key === "remaining") ? `disruptions.${JSON.parse(names.dataset.names)[0]}.${key}` : "";
}

function offerTipping() {
  const lever = $("tipping-lever");
  const before = lever.value;
  const groups = new Map();
  for (const slider of $("levers").querySelectorAll("input[type=range]")) {
    const path = pathOf(slider);
    if (!path) continue;
    const group = slider.closest(".panel")?.querySelector("h2")?.textContent ?? "";
    const option = new Option(slider.getAttribute("aria-label"), path);
    groups.set(group, [...(groups.get(group) ?? []), option]);
    const control = slider.closest(".control");
    if (control.querySelector("[data-tipping]")) continue;
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "icon tipping", textContent: "⇥" });
    button.title = `${texts.tip}: ${slider.getAttribute("aria-label")}`;
    button.setAttribute("aria-label", button.title);
    button.dataset.tipping = path;
    control.append(button);
  }
  lever.replaceChildren(...[...groups].map(([label, options]) => {
    const group = document.createElement("optgroup");
    group.label = label;
    group.append(...options);
    return group;
  }));
  if ([...lever.options].some((option) => option.value === before)) lever.value = before;
  tellAtSlider();
}

$("levers").addEventListener("click", (event) => {
  const path = event.target.closest("[data-tipping]")?.dataset.tipping;
  if (!path) return;
  $("tipping-lever").value = path;
  choose("tipping");
  $("ask-tipping").requestSubmit();
  section.scrollIntoView({ block: "nearest" });
});

// What was found stands at its slider too, as long as it is what the tab shows.
function tellAtSlider() {
  document.querySelectorAll(".tip").forEach((tip) => tip.remove());
  const answer = $("answer-tipping").querySelector("[data-lever]");
  if (!answer) return;
  const button = $("levers").querySelector(`[data-tipping="${CSS.escape(answer.dataset.lever)}"]`);
  const tip = document.createElement("p");
  tip.className = "tip";
  tip.textContent = answer.querySelector("[data-tip]").textContent;
  button?.closest(".lever").append(tip);
}

// Only what the page puts there: our own buttons and tips are no reason to begin again.
new MutationObserver(() => {
  if (!$("levers").querySelector("[data-tipping]")) offerTipping();
}).observe($("levers"), { childList: true });

const wanted = sessionStorage.getItem("tab");
if (tabs.some((tab) => tab.dataset.tab === wanted)) choose(wanted);
if ($("levers").childElementCount) offerTipping();
showSubject();
