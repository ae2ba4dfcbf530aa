// What style alone cannot do on paper; page.css does the rest.
const UNFOLDED = "#compare-inputs:not([open])"; // a comparison says little without what was changed

let unfolded = [];

export function startPrinting() {
  addEventListener("beforeprint", () => {
    // A chart is to be as wide as the sheet: only one that knows its own size can be scaled.
    for (const svg of document.querySelectorAll(".chart svg")) {
      svg.setAttribute("viewBox", `0 0 ${svg.getAttribute("width")} ${svg.getAttribute("height")}`);
    }
    unfolded = [...document.querySelectorAll(UNFOLDED)];
    unfolded.forEach((details) => { details.open = true; });
  });
  addEventListener("afterprint", () => {
    document.querySelectorAll(".chart svg").forEach((svg) => svg.removeAttribute("viewBox"));
    unfolded.forEach((details) => { details.open = false; });
  });
}
