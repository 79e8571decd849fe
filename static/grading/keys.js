/* The one table of keys. The handler, the key card and the tooltips come from it.
 *
 * action   what the key does; its text is words.keys[action]
 * key      the letter, digit, sign or name of the key; `also` are further ones, which a
 *          key of the reader's own replaces
 * shift    must (not) be held; where nothing is said, it makes no difference
 * alt, control   must be held
 * modes    the key has this meaning there only, before any other ("pair", "marking")
 * group    where the card shows it; `row` joins several on one line of the card
 * needs    what must be on the page for the card to show it
 * release  the action when the key is let go
 * whileTyping, repeats   works in a text field; when held down
 * fixed    cannot be changed
 */

const grade = (more) => ({ group: "grade", ...more });
const image = (more) => ({ group: "image", ...more });
const page = (more) => ({ group: "page", ...more });
const MARKS = "[data-mark-editor]";
const marks = (more) => ({ group: "marks", needs: MARKS, ...more });
const marking = (more) => marks({ modes: ["marking"], ...more });
const pair = (more) =>
  ({ group: "pair", needs: "[data-preference]", modes: ["pair"], ...more });
const still = { shift: false };

export const KEYS = [
  ...["A", "B", "C", "D"].map((letter) =>
    grade({ action: `grade-${letter}`, key: letter.toLowerCase(), row: "grades" }),
  ),
  ...["1", "2", "3", "4", "5"].map((digit) =>
    grade({
      action: `confidence-${digit}`,
      key: digit,
      shift: true,
      row: "confidence",
      needs: "[data-instrument=confidence]",
    }),
  ),
  grade({ action: "definitions", key: "g" }),
  grade({ action: "comment", key: "m" }),
  grade({ action: "cannot-assess", key: "u", needs: "[data-refusal]" }),
  grade({ action: "submit", key: "Enter" }),
  grade({
    action: "submit-typing",
    does: "submit",
    key: "Enter",
    control: true,
    whileTyping: true,
    fixed: true,
  }),
  grade({ action: "undo", key: "Backspace" }),

  pair({ action: "prefer-1", key: "ArrowLeft", ...still, row: "prefer" }),
  pair({ action: "prefer-equal", key: "=", row: "prefer" }),
  pair({ action: "prefer-2", key: "ArrowRight", ...still, row: "prefer" }),
  pair({ action: "other-report", key: "s" }),

  page({ action: "sentence-next", key: "j", row: "sentence" }),
  page({ action: "sentence-previous", key: "k", row: "sentence" }),
  marks({ action: "mark-error", key: "e", ...still }),
  marks({ action: "mark-missing", key: "e", shift: true }),
  ...["1", "2", "3", "4", "5", "6"].map((digit) =>
    marking({
      action: `mark-category-${digit}`,
      key: digit,
      ...still,
      row: "categories",
      fixed: true,
    }),
  ),
  marking({ action: "mark-significant", key: "s", row: "significance", fixed: true }),
  marking({ action: "mark-not-significant", key: "n", row: "significance", fixed: true }),
  marking({ action: "mark-end-back", key: "ArrowLeft", shift: true, repeats: true, row: "mark-end", fixed: true }),
  marking({ action: "mark-end-on", key: "ArrowRight", shift: true, repeats: true, row: "mark-end", fixed: true }),
  marking({ action: "mark-start-back", key: "ArrowLeft", ...still, repeats: true, row: "mark-start", fixed: true }),
  marking({ action: "mark-start-on", key: "ArrowRight", ...still, repeats: true, row: "mark-start", fixed: true }),
  marking({ action: "mark-done", key: "Enter", fixed: true }),
  marking({ action: "mark-remove", key: "Backspace", fixed: true }),
  marking({ action: "mark-cancel", key: "Escape", whileTyping: true, fixed: true }),

  image({ action: "invert", key: "i" }),
  image({ action: "fit", key: "f" }),
  image({ action: "actual-size", key: "z" }),
  image({ action: "zoom-in", key: "+", also: ["="], repeats: true, row: "zoom" }),
  image({ action: "zoom-out", key: "-", also: ["_"], repeats: true, row: "zoom" }),
  image({ action: "reset", key: "0", ...still }),
  ...["1", "2", "3", "4", "5"].map((digit) =>
    image({ action: `preset-${digit}`, key: digit, ...still, row: "presets" }),
  ),
  image({ action: "auto-window", key: "w" }),
  ...["Left", "Up", "Down", "Right"].map((side) =>
    image({
      action: `pan-${side.toLowerCase()}`,
      key: `Arrow${side}`,
      shift: true,
      repeats: true,
      row: "pan",
    }),
  ),
  image({ action: "brighter", key: "ArrowUp", ...still, repeats: true, row: "level" }),
  image({ action: "darker", key: "ArrowDown", ...still, repeats: true, row: "level" }),
  image({ action: "wider", key: "ArrowUp", ...still, alt: true, repeats: true, row: "width" }),
  image({ action: "narrower", key: "ArrowDown", ...still, alt: true, repeats: true, row: "width" }),
  image({ action: "rotate", key: "r" }),
  image({ action: "flip-horizontal", key: "h", row: "flip" }),
  image({ action: "flip-vertical", key: "v", row: "flip" }),
  image({ action: "loupe-on", key: "x", release: "loupe-off" }),
  image({ action: "length", key: "l" }),
  image({ action: "next-pane", key: "n" }),
  image({ action: "swap-prior", key: "p" }),
  image({ action: "pop-out", key: "o" }),

  page({ action: "report-up", key: "PageUp", repeats: true, row: "report" }),
  page({ action: "report-down", key: "PageDown", repeats: true, row: "report" }),
  page({ action: "pause", key: "." }),
  page({ action: "help", key: "?", fixed: true }),
  page({ action: "leave", key: "Escape", whileTyping: true, fixed: true }),
];

/* What only the mouse does; on the card, not in the handler: [words.keys name, ...]. */
export const MOUSE = ["mouse-drag", "mouse-wheel", "mouse-right"];
