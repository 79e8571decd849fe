/* The beginning and the end of a rehearsal: what this browser kept of it is deleted.
 *
 * A rehearsal keeps drafts and grades on their way as any reading does, under an owner
 * of its own, so that a reader's own copies at the same computer are not touched. The
 * time from the first page to the end is told once and kept nowhere.
 */

import { Store } from "./store.js";
import { filled } from "./words.js";

const BEGAN = "began";
const page = document.querySelector("[data-rehearsal]");
const store = new Store(page.dataset.owner);

function forget() {
  for (const name of store.names("")) store.remove(name);
}

function tell(element, milliseconds) {
  const seconds = Math.round(milliseconds / 1000);
  const { minutes: inMinutes, seconds: inSeconds } = element.dataset;
  element.textContent =
    seconds < 120
      ? filled(inSeconds, { count: seconds })
      : filled(inMinutes, { count: Math.round(seconds / 60) });
  element.hidden = false;
}

const began = store.read(BEGAN);
forget();
if (page.dataset.rehearsal === "begin") {
  for (const link of page.querySelectorAll("[data-begin]")) {
    link.addEventListener("click", () => store.write(BEGAN, Date.now()));
  }
} else if (began) {
  tell(page.querySelector("[data-took]"), Date.now() - began);
}
// A page out of the browser's memory: the rehearsal begins anew.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
