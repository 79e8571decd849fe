/* The reader's own keys, kept in this browser. */

import { KEYS } from "./keys.js";

const KEPT = "readerstudy.keys";
const PLAIN = /^[\x21-\x7e]$/;
const NAMED = /^(Arrow(Left|Right|Up|Down)|Page(Up|Down)|Home|End|Insert|Delete|Backspace|Enter|F\d{1,2})$/;

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEPT)) ?? {};
  } catch {
    // Without storage the table is as it comes.
    return {};
  }
}

let own = read();

function keep() {
  try {
    localStorage.setItem(KEPT, JSON.stringify(own));
  } catch {
    // The new keys then last as long as the page.
  }
}

window.addEventListener("storage", ({ key }) => {
  if (key === KEPT || key === null) own = read();
});

/** Return an entry as it is bound now. */
export function bound(entry) {
  const mine = own[entry.action];
  if (typeof mine?.key !== "string" || entry.fixed) return entry;
  const { key, shift, alt = false } = mine;
  return { ...entry, key, shift, alt, also: [] };
}

/** Return the whole table as it is bound now. */
export function boundKeys() {
  return KEYS.map(bound);
}

/** Whether the reader has changed any key. */
export function isChanged() {
  return Object.keys(own).length > 0;
}

const keysOf = (entry) => [entry.key, ...(entry.also ?? [])];

function clash(one, other) {
  const shifts = [one.shift, other.shift];
  return (
    keysOf(one).some((key) => keysOf(other).includes(key)) &&
    Boolean(one.alt) === Boolean(other.alt) &&
    Boolean(one.control) === Boolean(other.control) &&
    (shifts.includes(undefined) || one.shift === other.shift)
  );
}

/* While errors are marked, its keys come before all others, so those may be the same. */
function meet(one, other) {
  const isMarking = (entry) => Boolean(entry.modes?.includes("marking"));
  return isMarking(one) === isMarking(other);
}

/* A digit is meant by its place, whatever Shift makes of it; a letter by itself. */
function bindingOf(event) {
  const { key, code, shiftKey: shift, altKey: alt } = event;
  if (event.ctrlKey || event.metaKey) return null;
  const digit = /^Digit(\d)$/.exec(code ?? "")?.[1];
  if (digit) return { key: digit, shift, alt };
  const letter = /^Key([A-Z])$/.exec(code ?? "")?.[1];
  if (letter && !PLAIN.test(key)) return { key: letter.toLowerCase(), alt };
  if (PLAIN.test(key)) return { key: key.toLowerCase(), alt };
  return NAMED.test(key) ? { key, shift, alt } : null;
}

/** Give an action the key that was pressed.
 *
 * Returns {} where it is done, else {refused: "unsuitable"} or {refused: "taken", by,
 * key} with the action that has the key.
 */
export function rebind(action, event) {
  const entry = KEYS.find((each) => each.action === action);
  const binding = bindingOf(event);
  if (!entry || entry.fixed || !binding) return { refused: "unsuitable" };
  const wanted = { ...entry, ...binding, also: [] };
  wanted.shift = binding.shift;
  const taken = boundKeys().find(
    (other) => other.action !== action && meet(wanted, other) && clash(wanted, other),
  );
  if (taken) return { refused: "taken", by: taken.action, key: wanted };
  own = { ...own, [action]: binding };
  keep();
  return {};
}

/** Go back to the keys of the table. */
export function resetKeys() {
  own = {};
  keep();
}
