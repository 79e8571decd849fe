/* The card of keys, written from the table of keys and opened with `?`. */

import { KEYS, MOUSE } from "./keymap.js";

function rows(entries) {
  const list = document.createElement("dl");
  list.className = "keys";
  for (const { shown, text } of entries) {
    const row = document.createElement("div");
    const term = document.createElement("dt");
    const key = document.createElement("kbd");
    const meaning = document.createElement("dd");
    key.textContent = shown;
    meaning.textContent = text;
    term.append(key);
    row.append(term, meaning);
    list.append(row);
  }
  return list;
}

function cardEntries(group) {
  return KEYS.filter((entry) => entry.group === group && entry.card !== null).map(
    (entry) => entry.card ?? entry,
  );
}

function section(title, entries) {
  const part = document.createElement("section");
  const heading = document.createElement("h3");
  heading.textContent = title;
  part.append(heading, rows(entries));
  return part;
}

/** Fill a <dialog> with the card; returns a function that opens and closes it. */
export function keyCard(dialog) {
  const head = document.createElement("header");
  head.className = "page-head";
  const heading = document.createElement("h2");
  heading.id = "key-card-title";
  heading.textContent = "Keys";
  const columns = document.createElement("div");
  columns.className = "key-card-columns";
  for (const group of new Set(KEYS.map((entry) => entry.group))) {
    columns.append(section(group, cardEntries(group)));
  }
  columns.append(section("Mouse, on the image", MOUSE));
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button button-small";
  close.textContent = "Close (Esc)";
  close.addEventListener("click", () => dialog.close());
  dialog.setAttribute("aria-labelledby", heading.id);
  head.append(heading, close);
  dialog.replaceChildren(head, columns);
  return () => (dialog.open ? dialog.close() : dialog.showModal());
}
