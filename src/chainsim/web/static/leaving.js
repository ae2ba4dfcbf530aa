// What leaves the page: the what-if as a file of the folder, workbook and report as downloads, a rule explained.
import { post, refresh, say } from "./asking.js";
import { clearProblems, showProblems } from "./fields.js";
import { $, setup, state } from "./state.js";

export function startLeaving() {
  $("save").addEventListener("click", () => {
    clearProblems();
    $("save-over").hidden = true;
    $("save-replace").checked = false;
    $("save-colour").value = freeColour().toLowerCase();
    $("saving").showModal();
    $("save-name").focus();
  });
  $("save-cancel").addEventListener("click", () => $("saving").close());
  $("saving").querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    void save();
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.export) void take(button);
    else if (button?.dataset.rule) void explain(button.dataset);
  });
}

// A colour that no scenario of the folder has yet, where there is one left.
function freeColour() {
  const taken = [...$("scenario").options].map((option) => option.dataset.colour);
  return setup.colours.find((colour) => !taken.includes(colour)) ?? setup.colours[0];
}

async function save() {
  const answer = await post("/save", {
    scenario: state.scenario, token: state.token, lang: state.lang, name: $("save-name").value,
    title: $("save-title").value, color: $("save-colour").value, replace: $("save-replace").checked,
  });
  if (answer === null) {
    $("saving").close();
    return;
  }
  if (!answer.ok) {
    showProblems(answer.problems, null);
    $("save-over").hidden = !answer.problems.some((problem) => problem.code === "save.exists");
    $("save-name").focus();
    return;
  }
  $("saving").close();
  clearProblems();
  if (answer.listed && ![...$("scenario").options].some((option) => option.value === answer.saved)) {
    const title = $("save-title").value.trim();
    const file = answer.saved.replace(/\.yaml$/, "");
    const option = new Option(title ? `${title} · ${file}` : file, answer.saved);
    option.dataset.colour = $("save-colour").value;
    $("scenario").append(option);
  }
  say("page.saved", { name: answer.saved });
}

const take = (button) => download(button, "/export", {
  scenario: state.scenario, token: state.token, lang: state.lang, kind: button.dataset.export,
});

// A file that the server makes of a question, to keep.
export async function download(button, where, question) {
  button.disabled = true;
  say("page.busy");
  const answer = await post(where, question, true);
  button.disabled = false;
  if (answer === null) return;
  if (!answer.ok) {
    showProblems(answer.problems, null);
    say("page.stale");
    return;
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(answer.file);
  link.download = answer.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  say("page.ready");
}

async function explain({ rule, subject }) {
  Object.assign(state, { rule, subject });
  await refresh(["explained"]);
  if ($("explained").textContent.trim() && !$("explaining").open) $("explaining").showModal();
}
