/* The saved or unsaved mark of the status line. Shape and words tell, not colour. */

const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

/* name: [mark, words]; `at` and `sentence` are filled in. */
const WORDS = {
  empty: ["○", () => "nothing entered yet"],
  unsaved: ["○", () => "not saved yet"],
  saved: ["●", ({ at }) => `draft saved ${clock.format(at)}`],
  last: ["●", ({ at }) => `last grade saved ${clock.format(at)}`],
  accepted: ["●", ({ at }) => `saved ${clock.format(at)}`],
  sending: ["○", () => "saving the grade …"],
  retrying: ["▲", () => "not saved yet – retrying"],
  offline: ["▲", () => "offline – kept on this computer, not saved yet"],
  "signed-out": [
    "▲",
    ({ sentence }) => `not saved yet – ${sentence} What you entered is kept here.`,
  ],
  refused: ["▲", ({ sentence }) => sentence],
};

/** Show a state in `element`: {name, at, sentence}, with a link where one helps. */
export function showStatus(element, { name, at, sentence }, link = null) {
  const [mark, words] = WORDS[name];
  const sign = document.createElement("span");
  sign.setAttribute("aria-hidden", "true");
  sign.textContent = `${mark} `;
  element.replaceChildren(sign, words({ at, sentence }));
  element.dataset.state = name;
  if (link) {
    const anchor = document.createElement("a");
    anchor.href = link.href;
    anchor.textContent = link.text;
    element.append(" ", anchor);
  }
}
