// What a tab is about stands in its address: scenario, what-if, what is selected. The browser's history is the undo.

export const setup = JSON.parse(document.getElementById("setup").textContent);
export const $ = (id) => document.getElementById(id);

export const state = {
  scenario: setup.scenario, token: setup.token, lang: setup.lang, cell: "", tank: "", month: "", day: 0, byGrade: false,
  rule: "", subject: "",
};

// What tells this tab from others. It stays over a reload, and a copy of the tab gets one of its own: it lies in the tab's storage
// only while no page is open there.
export const tabId = sessionStorage.getItem("tab-id") ?? crypto.randomUUID();
sessionStorage.removeItem("tab-id");
addEventListener("pagehide", () => sessionStorage.setItem("tab-id", tabId));
addEventListener("pageshow", () => sessionStorage.removeItem("tab-id"));

const hasScenario = (name) => [...$("scenario").options].some((option) => option.value === name);

export function readAddress() {
  const asked = new URLSearchParams(location.search);
  state.scenario = asked.get("s") && hasScenario(asked.get("s")) ? asked.get("s") : setup.scenario;
  state.token = asked.get("w") || "";
  state.cell = asked.get("cell") || "";
  state.tank = asked.get("tank") || "";
  state.month = asked.get("month") || "";
  state.day = Number.parseInt(asked.get("day"), 10) || 0;
  state.byGrade = asked.get("grade") === "1";
}

export function address(lang = state.lang) {
  const asked = new URLSearchParams({ s: state.scenario });
  if (state.token) asked.set("w", state.token);
  asked.set("lang", lang);
  if (state.cell) asked.set("cell", state.cell);
  if (state.tank) asked.set("tank", state.tank);
  if (state.month) asked.set("month", state.month);
  if (state.day) asked.set("day", String(state.day));
  if (state.byGrade) asked.set("grade", "1");
  return `?${asked}`;
}

let step = 0; // how many changes lie before this one in the tab's history
const last = () => Number(sessionStorage.getItem("last") || 0);

export function push() {
  step += 1;
  sessionStorage.setItem("last", String(step));
  history.pushState({ step }, "", address());
  showHistory();
}

export const keep = () => history.replaceState({ step }, "", address());

export function showHistory() {
  $("undo").disabled = step === 0;
  $("redo").disabled = step >= last();
  $("as-filed").disabled = !state.token;
}

export function arrived(event) {
  step = event.state?.step ?? 0;
  readAddress();
}

// The other language is another page in the same place of the history.
export function turn(lang) {
  sessionStorage.setItem("lang", lang);
  sessionStorage.setItem("step", String(step));
  location.replace(address(lang));
}

// Going back to an entry from before the language was changed keeps the language; true where the page is left for that.
export function begin() {
  const traversed = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
  const wanted = sessionStorage.getItem("lang");
  if (traversed && wanted && wanted !== state.lang) {
    location.replace(address(wanted));
    return true;
  }
  readAddress();
  if (!setup.token) state.token = "";
  step = history.state?.step ?? Number(sessionStorage.getItem("step") || 0);
  sessionStorage.removeItem("step");
  if (history.state === null && step === 0) sessionStorage.setItem("last", "0");
  keep();
  return false;
}
