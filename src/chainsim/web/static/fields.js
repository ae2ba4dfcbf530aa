// The fields: what a field that was touched changes, and what is wrong with it, told at its place.
import { $ } from "./state.js";

export function changeOf(input) {
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

export function clearProblems() {
  document.querySelectorAll("p.error").forEach((p) => p.remove());
  document.querySelectorAll("[aria-invalid]").forEach((input) => {
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-describedby");
  });
  $("problems").hidden = true;
}

export function showProblems(problems, change) {
  clearProblems();
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
