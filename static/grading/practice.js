/* A practice page: the radiograph in the light box, and the four keys of the grades. */

import { Lightbox } from "../viewer/lightbox.js";
import { fetchRadiograph } from "../viewer/loader.js";
import { keyOf } from "./keymap.js";
import { section } from "./words.js";

const image = document.getElementById("practice-image");
const lightbox = new Lightbox(document.getElementById("viewer"), {
  keyOf,
  signInUrl: image.dataset.signInUrl,
  words: section("viewer"),
});
const { label, meta, preview, frame } = image.dataset;
lightbox.show([fetchRadiograph({ label, meta, preview, frame })]);

/* A letter chooses its grade, as on the reading pages. */
window.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const letter = event.key.toUpperCase();
  const grade = document.querySelector(`input[name="letter"][value="${CSS.escape(letter)}"]`);
  if (grade) {
    grade.checked = true;
    grade.focus();
  }
});
