// What moves: the map over time; batches and trains a month at a time.
import { refresh } from "./asking.js";
import { after } from "./drawing.js";
import { $, keep, setup, state } from "./state.js";

const FRAME_MS = 120;
let playing = false;

export function startMoving() {
  after("map", (place) => {
    const { days, day, told } = place.querySelector("[data-days]").dataset;
    $("day").max = days;
    if (!playing) $("day").value = day;
    $("map-day").textContent = told;
  });
  after("batches", (place) => {
    const { months, month } = place.querySelector("[data-months]").dataset;
    const options = [...JSON.parse(months).map((m) => new Option(m, m)), new Option(setup.texts["page.map.whole"], "all")];
    $("month").replaceChildren(...options);
    $("month").value = month;
  });

  $("day").addEventListener("input", () => {
    state.day = Number($("day").value);
    refresh(["map"]);
  });
  $("day").addEventListener("change", keep);
  $("month").addEventListener("change", () => {
    state.month = $("month").value;
    keep();
    refresh(["batches", "trains"]);
  });

  $("play").addEventListener("click", () => {
    playing = !playing;
    $("play").setAttribute("aria-pressed", String(playing));
    $("play").textContent = setup.texts[playing ? "page.map.pause" : "page.map.play"];
    if (playing) void play();
  });
}

async function play() {
  while (playing) {
    const begun = performance.now();
    state.day = (state.day % Number($("day").max)) + 1;
    $("day").value = state.day;
    await refresh(["map"]);
    await new Promise((resolve) => setTimeout(resolve, Math.max(FRAME_MS - (performance.now() - begun), 0)));
  }
  keep();
}
