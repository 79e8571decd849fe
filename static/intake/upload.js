/* The upload page: choosing, dropping, progress, pause. */

import { Uploads } from "./queue.js";
import { droppedFiles, pickedFiles } from "./tree.js";

const SHOWN_PROBLEMS = 50;
const RENEW_MS = 3000;
const LEAST_SECONDS = 3;
const byId = (id) => document.getElementById(id);

const place = byId("upload");
const uploads = new Uploads({
  announceUrl: place.dataset.announce,
  chunkBytes: Number(place.dataset.chunkBytes),
  changed,
});
let isDrawing = false;
let wasBusy = false;
let renewed = 0;
let began = null;

function size(bytes) {
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(0)} kB`;
  if (bytes < 1e9) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${(bytes / 1e9).toFixed(2)} GB`;
}

function timeLeft() {
  const { all, here } = uploads.bytes;
  const seconds = (performance.now() - began.at) / 1000;
  const sent = here - began.here;
  if (uploads.isPaused || uploads.trouble || seconds < LEAST_SECONDS || !sent) return "";
  const left = ((all - here) / sent) * seconds;
  return left < 60 ? ", less than a minute left" : `, ${Math.ceil(left / 60)} minutes left`;
}

/** Draw at most once a frame, whatever changes. */
function changed() {
  if (isDrawing) return;
  isDrawing = true;
  setTimeout(() => {
    isDrawing = false;
    draw();
  }, 100);
}

function draw() {
  const { files, bytes, isBusy } = uploads;
  byId("transfer").hidden = !files.all && !uploads.problems.length && !isBusy;
  byId("total").max = Math.max(bytes.all, 1);
  byId("total").value = isBusy || bytes.all ? bytes.here : 1;
  byId("total-percent").textContent = `${Math.floor((100 * bytes.here) / Math.max(bytes.all, 1))} %`;
  byId("total-words").textContent = words();
  byId("trouble").hidden = !uploads.trouble;
  byId("trouble").textContent = uploads.trouble;
  byId("pausing").hidden = !isBusy;
  byId("pause").textContent = uploads.isPaused ? "Go on" : "Pause";
  drawActive();
  drawProblems();
  renew(isBusy);
}

function words() {
  const { files, bytes, isBusy, isPaused } = uploads;
  const done = `${files.here} of ${files.all} files, ${size(bytes.here)} of ${size(bytes.all)}`;
  if (!isBusy) return `${done}: all is sent.`;
  return isPaused ? `${done}: paused.` : `${done}${timeLeft()}.`;
}

function drawActive() {
  const rows = Array.from(uploads.active, ({ name, received, file }) => {
    const row = document.createElement("li");
    const label = document.createElement("span");
    label.textContent = label.title = name;
    const bar = document.createElement("progress");
    Object.assign(bar, { className: "progress", max: file.size, value: received });
    bar.setAttribute("aria-label", name);
    const number = document.createElement("span");
    number.className = "number";
    number.textContent = `${Math.floor((100 * received) / file.size)} %`;
    row.append(label, bar, number);
    return row;
  });
  byId("active").replaceChildren(...rows);
}

function drawProblems() {
  const { problems } = uploads;
  byId("problems").hidden = !problems.length;
  const rows = problems.slice(0, SHOWN_PROBLEMS).map(({ name, why }) => {
    const row = document.createElement("li");
    row.textContent = `${name}: ${why}`;
    return row;
  });
  if (problems.length > SHOWN_PROBLEMS) {
    const row = document.createElement("li");
    row.textContent = `and ${problems.length - SHOWN_PROBLEMS} more`;
    rows.push(row);
  }
  byId("problem-list").replaceChildren(...rows);
}

/** Let the part of the page that the server writes follow, not too often. */
function renew(isBusy) {
  const now = performance.now();
  if (wasBusy !== isBusy || (isBusy && now - renewed > RENEW_MS)) {
    renewed = now;
    byId("standing").dispatchEvent(new CustomEvent("renew"));
  }
  wasBusy = isBusy;
}

async function send(chosen) {
  if (!chosen.length) return;
  wasBusy = true;
  began = { at: performance.now(), here: uploads.bytes.here };
  changed();
  await uploads.add(chosen);
  began = { at: performance.now(), here: uploads.bytes.here };
}

for (const kind of ["files", "folder"]) {
  const input = byId(kind);
  const button = byId(`choose-${kind}`);
  const take = () => {
    const chosen = pickedFiles(input);
    // The same choice again is a change again.
    input.value = "";
    send(chosen);
  };
  button.addEventListener("click", () => input.click());
  // Until now a press would have done nothing.
  button.disabled = false;
  input.addEventListener("change", take);
  if (input.files.length) take();
}

byId("pause").addEventListener("click", () =>
  uploads.isPaused ? uploads.resume() : uploads.pause(),
);

const zone = byId("drop-zone");
zone.addEventListener("dragover", (event) => {
  event.preventDefault();
  zone.classList.add("is-over");
});
zone.addEventListener("dragleave", () => zone.classList.remove("is-over"));
zone.addEventListener("drop", async (event) => {
  event.preventDefault();
  zone.classList.remove("is-over");
  send(await droppedFiles(event.dataTransfer));
});

window.addEventListener("beforeunload", (event) => {
  if (uploads.isBusy && !uploads.isPaused) event.preventDefault();
});
