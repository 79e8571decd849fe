/* The one table of keys. The handler and the key card both come from it.
 *
 * Letters are matched by what they print; on a keyboard that prints another script
 * (Hangul, Greek ...) by where they lie. `whileTyping` keys work in a text field as
 * well, `repeats` keys when held down, `alt` and `control` must be held with the key;
 * so must `shift` where an entry says anything of it.
 * `card` is what the key card shows instead of this entry; null leaves it out.
 */

export const KEYS = [
  ...["A", "B", "C", "D"].map((letter) => ({
    keys: [letter.toLowerCase()],
    action: `grade-${letter}`,
    shown: letter,
    text: `Grade ${letter}`,
    group: "Grade",
    card: letter === "A" ? { shown: "A B C D", text: "Grade; again to clear it" } : null,
  })),
  { keys: ["g"], action: "definitions", shown: "G", text: "What the grades mean", group: "Grade" },
  { keys: ["m"], action: "comment", shown: "M", text: "Write a comment; Esc leaves it", group: "Grade" },
  { keys: ["Enter"], action: "submit", shown: "Enter", text: "Submit, then the next report", group: "Grade" },
  { keys: ["Enter"], control: true, whileTyping: true, action: "submit", shown: "Ctrl + Enter", text: "Submit from within the comment", group: "Grade" },

  { keys: ["i"], action: "invert", shown: "I", text: "Invert", group: "Image" },
  { keys: ["f"], action: "fit", shown: "F", text: "Fit to the window", group: "Image" },
  { keys: ["z"], action: "actual-size", shown: "Z", text: "1:1, one image point per screen point", group: "Image" },
  { keys: ["+", "="], action: "zoom-in", shown: "+", text: "Zoom in", group: "Image", repeats: true, card: { shown: "+ −", text: "Zoom in, out" } },
  { keys: ["-", "_"], action: "zoom-out", shown: "−", text: "Zoom out", group: "Image", repeats: true, card: null },
  { keys: ["0"], action: "reset", shown: "0", text: "Reset window and position", group: "Image" },
  ...[1, 2, 3, 4, 5].map((number) => ({
    keys: [String(number)],
    action: `preset-${number}`,
    shown: String(number),
    text: `Window preset ${number}, in the order of the buttons`,
    group: "Image",
    card: number === 1 ? { shown: "1 – 5", text: "Window presets, in the order of the buttons" } : null,
  })),
  ...["Left", "Up", "Right", "Down"].map((side) => ({
    keys: [`Arrow${side}`],
    shift: true,
    action: `pan-${side.toLowerCase()}`,
    group: "Image",
    repeats: true,
    card: side === "Left" ? { shown: "Shift + ← ↑ → ↓", text: "Move the image" } : null,
  })),
  { keys: ["ArrowUp"], action: "brighter", shown: "↑", text: "Brighter (lower level)", group: "Image", repeats: true, card: { shown: "↑ ↓", text: "Brighter, darker (level)" } },
  { keys: ["ArrowDown"], action: "darker", shown: "↓", text: "Darker (higher level)", group: "Image", repeats: true, card: null },
  { keys: ["ArrowUp"], alt: true, action: "wider", shown: "Alt + ↑", text: "Less contrast (wider window)", group: "Image", repeats: true, card: { shown: "Alt + ↑ ↓", text: "Less, more contrast (width)" } },
  { keys: ["ArrowDown"], alt: true, action: "narrower", shown: "Alt + ↓", text: "More contrast (narrower window)", group: "Image", repeats: true, card: null },

  { keys: ["PageDown"], action: "report-down", shown: "Page ↓", text: "Scroll the report", group: "Page", repeats: true, card: { shown: "Page ↑ ↓", text: "Scroll the report" } },
  { keys: ["PageUp"], action: "report-up", shown: "Page ↑", text: "Scroll the report back", group: "Page", repeats: true, card: null },
  { keys: ["?"], action: "help", shown: "?", text: "This card", group: "Page" },
  { keys: ["Escape"], whileTyping: true, action: "leave", shown: "Esc", text: "Close this card, leave the comment", group: "Page" },
];

/* What only the mouse does; on the card, not in the handler. */
export const MOUSE = [
  { shown: "Drag", text: "Window: right is wider, down is darker" },
  { shown: "Wheel", text: "Zoom to the cursor" },
  { shown: "Right drag", text: "Move the image; also Shift or Space with a drag" },
];

const TEXT_FIELDS = "textarea, select, input:not([type=radio]):not([type=checkbox])";
const OWN_ENTER = "a, button, summary";

/* The names a key press may have in the table, the likeliest first. */
function namesOf(event) {
  const printed = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const digit = /^Digit(\d)$/.exec(event.code)?.[1];
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1];
  const otherScript = printed === "Process" || /^[^\x20-\x7e]$/.test(printed);
  if (letter && otherScript) return [letter.toLowerCase()];
  // French keyboards print digits with Shift only; the table means the plain key.
  return digit && !event.shiftKey ? [printed, digit] : [printed];
}

/** Return the entry of the table that a key press means, or undefined. */
export function entryFor(event, keys = KEYS) {
  if (event.metaKey || event.isComposing) return undefined;
  const typing = Boolean(event.target?.closest?.(TEXT_FIELDS));
  const names = namesOf(event);
  return keys.find(
    (entry) =>
      names.some((name) => entry.keys.includes(name)) &&
      Boolean(entry.alt) === event.altKey &&
      Boolean(entry.control) === event.ctrlKey &&
      (entry.shift ?? event.shiftKey) === event.shiftKey &&
      (entry.whileTyping || !typing) &&
      (entry.repeats || !event.repeat),
  );
}

/** Return the name of the first key of an action, or an empty string. */
export function keyOf(action) {
  return KEYS.find((entry) => entry.action === action)?.shown ?? "";
}

/** Call `handle(action)` for each key of the table; it returns false to decline. */
export function listen(handle) {
  window.addEventListener("keydown", (event) => {
    if (event.defaultPrevented) return;
    const entry = entryFor(event);
    if (!entry) return;
    // Enter on a button or link presses it, as everywhere.
    if (entry.keys[0] === "Enter" && event.target.closest?.(OWN_ENTER)) return;
    if (handle(entry.action) !== false) event.preventDefault();
  });
}
