/* The page in the window of popout.js: a light box that the reading page feeds. */

import { Lightbox } from "./lightbox.js";
import { speaker } from "./words.js";

const CHECK_MS = 1000;
// Keys with a meaning of the browser's own stay the browser's.
const LEFT_ALONE = /^(F\d+|Tab|Shift|Control|Alt|Meta|Dead|Process)$/;

const root = document.getElementById("viewer");
const words = JSON.parse(document.getElementById("viewer-words").textContent);
const say = speaker(words);
const page = window.opener;

/* --- What the reading page sends --- */

let lightbox = null;
let coming = [];

/** A radiograph that the other window hands over when it has it. */
function handedOver(label) {
  const parts = Object.fromEntries(
    ["meta", "preview", "frame"].map((name) => [name, Promise.withResolvers()]),
  );
  const promises = Object.entries(parts).map(([name, { promise }]) => [name, promise]);
  return { label, parts, standing: null, ...Object.fromEntries(promises) };
}

const HEARD = {
  hung({ labels }) {
    lightbox ??= begin();
    coming = labels.map(handedOver);
    lightbox.show(coming);
  },
  picture({ index, meta, frame, isFull }) {
    const { parts } = coming[index];
    parts.meta.resolve(meta);
    parts[isFull ? "frame" : "preview"].resolve(frame);
  },
  standing({ index, standing }) {
    coming[index].standing = standing;
    lightbox.adopt(index, standing);
  },
  arranged(arrangement) {
    lightbox.adoptArrangement(arrangement);
  },
  blanked({ isBlank }) {
    lightbox.blank(isBlank);
  },
};

function begin() {
  const made = new Lightbox(root, { words, hasTools: false });
  made.addEventListener("painted", ({ detail }) => {
    const { standing } = coming[detail.pane];
    if (standing) made.adopt(detail.pane, standing);
  });
  made.addEventListener("changed", ({ detail: { pane, tool, isRemote } }) => {
    if (isRemote) return;
    const standing = made.standing(pane);
    coming[pane].standing = standing;
    send("standing", { index: pane, standing, tool });
  });
  made.addEventListener("arranged", () => {
    const { visible, active, modes } = made;
    send("arranged", { visible, active, ...modes });
  });
  window.lightbox = made;
  return made;
}

/* --- What it is told --- */

function send(kind, content = {}) {
  if (page && !page.closed) page.postMessage({ kind, ...content }, location.origin);
}

function pressed({ key, code, shiftKey, altKey, ctrlKey, repeat }) {
  send("key", { key, code, shiftKey, altKey, ctrlKey, metaKey: false, repeat });
}

window.addEventListener("message", ({ source, origin, data }) => {
  if (source !== page || origin !== location.origin) return;
  if (Object.hasOwn(HEARD, data?.kind)) HEARD[data.kind](data);
});
window.addEventListener("keydown", (event) => {
  if (event.metaKey || LEFT_ALONE.test(event.key)) return;
  if (event.ctrlKey && event.key !== "Enter") return;
  event.preventDefault();
  pressed(event);
});
window.addEventListener("keyup", () => send("key-up"));

/* --- The end of it --- */

function leave() {
  lightbox = null;
  root.textContent = say("window-waiting");
  window.close();
}

if (page) {
  send("ready");
  setInterval(() => {
    if (page.closed) leave();
  }, CHECK_MS);
}
