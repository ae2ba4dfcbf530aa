// Answers onto the page: parts as HTML that the server escaped, charts through ECharts.
import { $ } from "./state.js";

const NARROW = 480; // pixels
const FIGURES = 40; // pixels beside the bars, from which on a chart has seen to its figures itself
const FIXED = new Set(["map"]); // laid out on the server for a width
const afterwards = new Map();

// What is to be done after a part was shown anew.
export const after = (part, act) => afterwards.set(part, act);

export function show(part, html) {
  const place = $(part);
  const [open, shut] = ["details[open]", "details:not([open])"].map((which) =>
    [...place.querySelectorAll(which)].map((d) => d.id).filter(Boolean));
  const focused = place.contains(document.activeElement) ? document.activeElement.id || keyOf(document.activeElement) : "";
  const scrolled = [...place.querySelectorAll(".scroll")].map((box) => box.scrollLeft);
  place.innerHTML = html;
  shut.forEach((id) => { if ($(id)) $(id).open = false; });
  open.forEach((id) => { if ($(id)) $(id).open = true; });
  place.querySelectorAll(".scroll").forEach((box, i) => { box.scrollLeft = scrolled[i] || 0; });
  if (focused) ($(focused) || findKey(place, focused))?.focus({ preventScroll: true });
  afterwards.get(part)?.(place);
}

const keyOf = (element) => element.dataset?.cell ?? element.dataset?.tank ?? "";
const findKey = (place, key) => place.querySelector(`[data-cell="${CSS.escape(key)}"], [data-tank="${CSS.escape(key)}"]`);

export function draw(part, chart) {
  const place = $(`${part}-chart`);
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", chart.alt);
  drawIn(place, chart, FIXED.has(part));
}

// A chart in an element, which it fills and follows; or of the size that it was laid out for.
export function drawIn(place, { option, height, width }, fixed = false) {
  // Drawn words instead of HTML: nothing of a scenario becomes part of the page.
  option.tooltip = { ...option.tooltip, renderMode: "richText" };
  place.style.height = `${height}px`;
  let known = echarts.getInstanceByDom(place);
  if (!known) {
    known = echarts.init(place, null, { renderer: "svg" });
    if (!fixed) follow(known, place);
  }
  if (fixed) place.style.width = `${width}px`;
  known.resize(fixed ? { width, height } : { height });
  known.setOption(fixed ? option : narrowed(option, place.clientWidth), { notMerge: true });
  return known;
}

function follow(chart, place) {
  new ResizeObserver((_, observer) => {
    if (chart.isDisposed() || !place.isConnected) observer.disconnect();
    else if (place.clientWidth) chart.resize(); // folded away it keeps its size
  }).observe(place);
}

// On a telephone names leave room for what they name, and a legend keeps to its line.
function narrowed(option, width) {
  if (width >= NARROW || !width) return option;
  if (option.legend) Object.assign(option.legend, { type: "scroll" });
  const beyond = [option.series].flat().some((series) => series?.label?.position === "right"); // figures, at the ends of bars
  if (beyond && option.grid?.right < FIGURES) option.grid.right = 64;
  for (const axis of [option.xAxis].flat()) {
    if (axis?.name && axis.nameLocation === "middle") axis.nameTruncate = { maxWidth: width - 60, ellipsis: "…" };
  }
  const most = Math.round(width * 0.42);
  for (const axis of [option.yAxis].flat()) {
    if (axis?.type !== "category" || !axis.axisLabel?.width || axis.axisLabel.width <= most) continue;
    Object.assign(axis.axisLabel, { width: most, fontSize: 10, lineHeight: 11 });
    if (typeof option.grid?.left === "number") option.grid.left = most + 10;
  }
  return option;
}
