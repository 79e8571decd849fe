/* The saved or unsaved mark of the status line. Shape and words tell, not colour. */

import { filled } from "./words.js";

/* On 24 hours, whatever the language: it has to be short. */
const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

/* Filled: the server has it. Hollow: on its way. Triangle: needs attention. */
const MARKS = {
  empty: "○",
  unsaved: "○",
  saved: "●",
  last: "●",
  accepted: "●",
  accepted_undo: "●",
  sending: "○",
  taking_back: "○",
  retrying: "▲",
  offline: "▲",
  paused: "▲",
  "signed-out": "▲",
  refused: "▲",
};

/** Show a state in `element`: {name, at, key, sentence, waiting}, with a link where it helps.
 *
 * words: name -> text with {time}, {key}, {sentence} and {count}.
 */
export function showStatus(element, words, state, link = null) {
  const { name, at, key = "", sentence = "", waiting = 0 } = state;
  const sign = document.createElement("span");
  sign.setAttribute("aria-hidden", "true");
  sign.textContent = `${MARKS[name]} `;
  const text = words[name.replace("-", "_")] ?? sentence;
  const values = { time: at ? clock.format(at) : "", key, sentence, count: waiting };
  element.replaceChildren(sign, filled(text, values));
  element.dataset.state = name;
  if (link) {
    const anchor = document.createElement("a");
    anchor.href = link.href;
    anchor.textContent = link.text;
    element.append(" ", anchor);
  }
}
