/* The card of keys, written from the table of keys; here they can be changed too. */

import { boundKeys, isChanged, rebind, resetKeys } from "./bindings.js";
import { MOUSE, shownKey } from "./keymap.js";
import { filled } from "./words.js";

const GROUPS = ["grade", "pair", "marks", "image", "page"];

function make(tag, text = "", className = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  if (className) element.className = className;
  return element;
}

class KeyCard {
  constructor(dialog, words) {
    Object.assign(this, { dialog, words, changing: false, waiting: null });
    const head = make("header", "", "page-head");
    const heading = make("h2", words.title);
    heading.id = "key-card-title";
    dialog.setAttribute("aria-labelledby", heading.id);
    this.message = make("p", "", "key-card-message");
    this.message.setAttribute("role", "status");
    this.changer = this.button(words.change, () => this.setChanging(!this.changing));
    this.resetter = this.button(words.reset_all, () => this.reset());
    const buttons = make("div", "", "row");
    const close = this.button(words.close, () => dialog.close());
    buttons.append(this.resetter, this.changer, close);
    head.append(heading, buttons);
    this.columns = make("div", "", "key-card-columns");
    dialog.replaceChildren(head, this.message, this.columns);
    dialog.addEventListener("keydown", (event) => this.pressed(event), true);
    dialog.addEventListener("cancel", (event) => {
      if (this.waiting) event.preventDefault();
    });
    dialog.addEventListener("close", () => this.setChanging(false));
  }

  button(text, act) {
    const element = make("button", text, "button button-small");
    element.type = "button";
    element.addEventListener("click", act);
    return element;
  }

  toggle() {
    if (this.dialog.open) {
      this.dialog.close();
      return;
    }
    this.show();
    this.dialog.showModal();
    this.dialog.scrollTop = 0;
  }

  setChanging(changing) {
    this.changing = changing;
    this.waiting = null;
    this.say(changing ? this.words.choose : "");
    this.show();
  }

  say(sentence) {
    this.message.textContent = sentence;
  }

  /** Write the card anew: what can be done on this page, with the keys as they are. */
  show() {
    const { words } = this;
    this.changer.textContent = this.changing ? words.change_done : words.change;
    this.changer.setAttribute("aria-pressed", String(this.changing));
    this.resetter.hidden = !isChanged();
    const entries = boundKeys().filter(
      ({ needs }) => !needs || document.querySelector(needs),
    );
    const sections = GROUPS.map((group) =>
      this.section(`group_${group}`, this.rows(entries.filter((each) => each.group === group))),
    );
    const mouse = MOUSE.map((name) => [[make("kbd", words[`${name}_key`])], words[name]]);
    this.columns.replaceChildren(
      ...sections.filter(Boolean),
      this.section("group_mouse", mouse),
    );
  }

  /* [[keys], text] for each row; entries of one row share a line. */
  rows(entries) {
    const byRow = new Map();
    for (const entry of entries) {
      const name = entry.row ? `row_${entry.row}` : entry.action;
      byRow.set(name, [...(byRow.get(name) ?? []), entry]);
    }
    return [...byRow].map(([name, shared]) => [this.keys(shared), this.words[name]]);
  }

  /* The keys of a row; on the plain card with what is held written once. */
  keys(shared) {
    const [{ shift, alt }] = shared;
    const isAlike = shared.every((each) => each.shift === shift && each.alt === alt);
    if (this.changing || shared.length === 1 || !isAlike) {
      return shared.map((entry) => this.key(entry));
    }
    const held = [alt && "Alt", shift && "Shift"].filter(Boolean).map((name) => `${name} +`);
    const names = shared.map(({ key }) => shownKey({ key }));
    const isSeries = names.length > 2 && names.every((name) => /^\d$/.test(name));
    const parts = isSeries ? [`${names[0]} – ${names.at(-1)}`] : names;
    return [...held, ...parts.map((name) => make("kbd", name))];
  }

  key(entry) {
    const shown = make("kbd", shownKey(entry));
    if (!this.changing || entry.fixed) return shown;
    const button = make("button", "", "key-change");
    button.type = "button";
    button.dataset.action = entry.action;
    const values = { text: this.words[entry.action], key: shown.textContent };
    button.setAttribute("aria-label", filled(this.words.change_of, values));
    button.setAttribute("aria-pressed", String(this.waiting === entry.action));
    button.append(shown);
    button.addEventListener("click", () => this.wait(entry.action));
    return button;
  }

  section(title, rows) {
    if (!rows.length) return null;
    const part = make("section");
    const list = make("dl", "", "keys");
    for (const [keys, text] of rows) {
      const row = make("div");
      const term = make("dt");
      term.append(...keys.flatMap((key) => [key, " "]));
      row.append(term, make("dd", text));
      list.append(row);
    }
    part.append(make("h3", this.words[title]), list);
    return part;
  }

  /* --- Changing --- */

  wait(action) {
    this.waiting = action;
    this.say(filled(this.words.press, { text: this.words[action] }));
    this.show();
    this.focusOn(action);
  }

  focusOn(action) {
    this.columns.querySelector(`[data-action="${action}"]`)?.focus();
  }

  pressed(event) {
    if (!this.waiting || ["Shift", "Alt", "Control", "Meta"].includes(event.key)) return;
    if (event.key === "Tab") return;
    event.preventDefault();
    event.stopPropagation();
    const action = this.waiting;
    if (event.key === "Escape") {
      this.waiting = null;
      this.say(this.words.choose);
    } else {
      this.take(action, event);
    }
    this.show();
    this.focusOn(action);
  }

  take(action, event) {
    const { words } = this;
    const { refused, by, key } = rebind(action, event);
    if (refused === "unsuitable") return this.say(words.unsuitable);
    if (refused === "taken") {
      return this.say(filled(words.taken, { key: shownKey(key), text: words[by] ?? by }));
    }
    this.waiting = null;
    const entry = boundKeys().find((each) => each.action === action);
    return this.say(filled(words.changed, { key: shownKey(entry), text: words[action] }));
  }

  reset() {
    resetKeys();
    this.waiting = null;
    this.say(this.words.was_reset);
    this.show();
  }
}

/** Fill a <dialog> with the card; returns a function that opens and closes it. */
export function keyCard(dialog, words) {
  const card = new KeyCard(dialog, words);
  return () => card.toggle();
}
