// What style alone cannot do on paper; page.css does the rest.
import { outdated, refresh } from "./asking.js";
import { $ } from "./state.js";

const UNFOLDED = "#compare-inputs:not([open])"; // a comparison says little without what was changed

let unfolded = [];

export function startPrinting() {
  $("print").addEventListener("click", () => void print());
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "p") return;
    event.preventDefault();
    void print();
  });

  // Also where the browser's menu prints: what is not up to date is left out rather than printed wrong.
  addEventListener("beforeprint", () => {
    for (const part of outdated()) $(part).closest("section").classList.add("outdated");
    // A chart is to be as wide as the sheet: only one that knows its own size can be scaled.
    for (const svg of document.querySelectorAll(".chart svg")) {
      svg.setAttribute("viewBox", `0 0 ${svg.getAttribute("width")} ${svg.getAttribute("height")}`);
    }
    unfolded = [...document.querySelectorAll(UNFOLDED)];
    unfolded.forEach((details) => { details.open = true; });
  });
  addEventListener("afterprint", () => {
    document.querySelectorAll(".outdated").forEach((section) => section.classList.remove("outdated"));
    document.querySelectorAll(".chart svg").forEach((svg) => svg.removeAttribute("viewBox"));
    unfolded.forEach((details) => { details.open = false; });
  });
}

// All parts, also those that nobody has scrolled to.
async function print() {
  await refresh(outdated().filter((part) => part !== "plan" || $("plan-room").open));
  window.print();
}
