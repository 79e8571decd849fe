/* Where a session ends: the grade submitted last can be taken back here as well, for
 * as long as on the page behind it.
 */

import { keyOf, listen } from "./keymap.js";
import { showStatus } from "./status.js";
import { Store } from "./store.js";
import { Undo } from "./undo.js";
import { section } from "./words.js";

const place = document.getElementById("take-back");
const button = place.querySelector("button");
const status = place.querySelector("[role=status]");
const csrfToken = document.querySelector("meta[name=csrf-token]").content;
const words = section("status");
const undo = new Undo({
  store: new Store(place.dataset.owner),
  csrfToken,
  seconds: Number(place.dataset.seconds),
});
let taking = false;

async function takeBack() {
  if (!undo.possible || taking) return;
  taking = true;
  button.disabled = true;
  showStatus(status, words, { name: "taking_back" });
  const { url, ...hindrance } = await undo.take(undo.pending);
  if (url) {
    location.assign(url);
    return;
  }
  taking = false;
  button.disabled = !undo.possible;
  showStatus(status, words, hindrance);
}

/* Gone when its time is over, but for a sentence that says why it failed. */
function end() {
  button.disabled = true;
  if (!taking && !status.textContent) place.hidden = true;
}

if (undo.possible) {
  place.querySelector("kbd").textContent = keyOf("undo");
  place.hidden = false;
  button.addEventListener("click", takeBack);
  listen((action) => (action === "undo" ? takeBack() : false));
  setTimeout(end, undo.pending.until - Date.now());
}
