// The map over time.
import { refresh } from "./asking.js";
import { after } from "./drawing.js";
import { $, keep, setup, state } from "./state.js";

const FRAME_MS = 120;
let playing = false;

export function startPlayer() {
  after("map", (place) => {
    const { days, day, told } = place.querySelector("[data-days]").dataset;
    $("day").max = days;
    if (!playing) $("day").value = day;
    $("map-day").textContent = told;
  });

  $("day").addEventListener("input", () => {
    state.day = Number($("day").value);
    refresh(["map"]);
  });
  $("day").addEventListener("change", keep);

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
