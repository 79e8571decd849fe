/* Our viewer, as the reading page uses it. With ?next the page goes on to the next
 * radiograph on Enter, which it has fetched and prepared beforehand. */

import { Lightbox } from "/static/viewer/lightbox.js";
import { fetchRadiograph } from "/static/viewer/loader.js";
import { fail, painted } from "./probe.js";

const asked = new URLSearchParams(location.search);
const films = asked.getAll("film");
const renderer = location.pathname.endsWith("-gl") ? "gl" : "auto";
const root = document.createElement("div");
root.className = "viewer";
document.getElementById("stage").append(root);

let number = 0;
let pressed = 0;
const lightbox = new Lightbox(root, { renderer });
lightbox.addEventListener("failed", (event) => fail(event.detail));
lightbox.addEventListener("preview", async () => {
  window.bench.preview ??= await painted();
});
lightbox.addEventListener("shown", async () => {
  const now = await painted();
  const { bench } = window;
  bench.engine = lightbox.pane.renderer.kind === "gl" ? "WebGL" : "Canvas 2-D";
  if (pressed) bench.next = now - pressed;
  bench.shown ??= now;
  if (films.length > 1) prepareNext();
});

function fetchFilm() {
  const film = films[number % films.length];
  number += 1;
  const at = (part) => `/films/${film}/${part}`;
  const urls = { meta: at("meta"), preview: at("preview"), frame: at("frame") };
  return fetchRadiograph({ label: "frontal", ...urls });
}

let next = null;

async function prepareNext() {
  next = fetchFilm();
  lightbox.prepare([next]);
  await Promise.all([next.meta, next.frame]);
  // Prepared when there is nothing else to do, as this is.
  requestIdleCallback(() => requestIdleCallback(() => {
    window.bench.ready = number;
  }));
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || window.bench.ready !== number) return;
  window.bench.ready = window.bench.next = null;
  pressed = event.timeStamp;
  lightbox.show([next]);
});

lightbox.show([fetchFilm()]);
