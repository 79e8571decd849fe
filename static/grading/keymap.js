/* From key presses to actions, by the table of keys.js and the reader's own keys.
 *
 * Letters are matched by what they print; on a keyboard that prints another script
 * (Hangul, Greek ...) by where they lie. Digits are matched by their place as well, so
 * that they work where they are printed with Shift only. No key works while a text
 * is typed, but for those that say so.
 */

import { boundKeys } from "./bindings.js";

export { KEYS, MOUSE } from "./keys.js";

const TEXT_FIELDS = "textarea, select, input:not([type=radio]):not([type=checkbox])";
const OWN_ENTER = "a, button, summary";
const SHOWN = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  PageUp: "Page ↑",
  PageDown: "Page ↓",
  Escape: "Esc",
  "-": "−",
};

/* The names a key press may have in the table, the likeliest first. */
function namesOf(event) {
  const { key, code = "", shiftKey } = event;
  const printed = key.length === 1 ? key.toLowerCase() : key;
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  const otherScript = printed === "Process" || /^[^\x20-\x7e]$/.test(printed);
  if (letter && otherScript) return [letter.toLowerCase()];
  const digit = /^Digit(\d)$/.exec(code)?.[1];
  if (!digit) return [printed];
  // What Shift prints on a digit differs from country to country.
  return shiftKey ? [digit, printed] : [printed, digit];
}

function fits(entry, name, event, typing) {
  return (
    (entry.key === name || Boolean(entry.also?.includes(name))) &&
    Boolean(entry.alt) === Boolean(event.altKey) &&
    Boolean(entry.control) === Boolean(event.ctrlKey) &&
    (entry.shift ?? event.shiftKey) === event.shiftKey &&
    (entry.whileTyping || !typing) &&
    (entry.repeats || !event.repeat)
  );
}

/** Return all entries that a key press may mean in a mode, the likeliest first. */
export function entriesFor(event, mode) {
  if (event.metaKey || event.isComposing || !event.key) return [];
  const typing = Boolean(event.target?.closest?.(TEXT_FIELDS));
  const names = namesOf(event);
  const found = (entries) =>
    names.flatMap((name) => entries.filter((each) => fits(each, name, event, typing)));
  const keys = boundKeys();
  return [
    ...found(keys.filter(({ modes }) => modes?.includes(mode))),
    ...found(keys.filter(({ modes }) => !modes)),
  ];
}

/** Return how a bound key is written: "Shift + ←". */
export function shownKey({ key, shift, alt, control }) {
  const name = SHOWN[key] ?? (key.length === 1 ? key.toUpperCase() : key);
  const held = [control && "Ctrl", alt && "Alt", shift && "Shift"].filter(Boolean);
  return [...held, name].join(" + ");
}

/** Return the name of the key of an action, or an empty string. */
export function keyOf(action) {
  const entry = boundKeys().find((each) => each.action === action);
  return entry ? shownKey(entry) : "";
}

let listener = null;
let held = null; // what the key that is held does when it is let go

/** Do what a key press means; true where something was done.
 *
 * event: a key press of this window, or {key, code, shiftKey, altKey, ctrlKey, repeat}
 * handed over from another one.
 */
export function handleKey(event) {
  if (!listener) return false;
  for (const entry of entriesFor(event, listener.mode())) {
    if (listener.handle(entry.does ?? entry.action) !== false) {
      if (entry.release) held = entry.release;
      return true;
    }
  }
  return false;
}

function letGo() {
  if (!held) return;
  listener.handle(held);
  held = null;
}

/* The radio buttons that were reached by Tab, by their name: these keep their arrow
 * keys. A focus that a click or a script has set leaves them to the image. */
let tabbed = false;
let ownArrows = null;

function followFocus({ target }) {
  const name = target.matches?.("input[type=radio]") ? target.name : null;
  if (tabbed || name !== ownArrows) ownArrows = tabbed ? name : null;
  tabbed = false;
}

/* Enter on a button or link presses it, as everywhere. */
function isOwnKey({ key, target, altKey, shiftKey }) {
  if (key === "Enter") return Boolean(target.closest?.(OWN_ENTER));
  if (!key.startsWith("Arrow") || altKey || shiftKey) return false;
  if (!target.matches?.("input[type=radio]")) return false;
  // Left and right mean which report is better, there of all places.
  if (target.closest("[data-preference]")) return false;
  const isSideways = key === "ArrowLeft" || key === "ArrowRight";
  return target.name === ownArrows || (isSideways && listener.mode() === "reading");
}

/** Call `handle(action)` for each key of the table; it returns false to decline.
 *
 * mode: function that says what the keys mean now: reading, pair or marking.
 */
export function listen(handle, { mode = () => "reading" } = {}) {
  listener = { handle, mode };
  window.addEventListener("focusin", followFocus);
  window.addEventListener("pointerdown", () => {
    tabbed = false;
  });
  window.addEventListener("keydown", (event) => {
    tabbed = event.key === "Tab";
    if (event.defaultPrevented || isOwnKey(event)) return;
    if (handleKey(event)) event.preventDefault();
  });
  window.addEventListener("keyup", letGo);
  window.addEventListener("blur", letGo);
}
