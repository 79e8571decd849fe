/* The errors that a reader marks in one report: in its text, in a list, by key. */

import { MarkEditor } from "./mark_editor.js";
import { MarkedText } from "./marked_text.js";
import { endMoved, points, startMoved } from "./spans.js";
import { filled } from "./words.js";

const MOST = 100;

export class Marks {
  /** section: the element .read-report; onChange() after each change by the reader. */
  constructor(section, { words, onChange }) {
    Object.assign(this, { words, onChange, all: [], edited: null, locked: false });
    const editor = section.querySelector("[data-mark-editor]");
    this.list = section.querySelector("[data-mark-list]");
    this.spoken = section.querySelector("[data-spoken]");
    this.text = new MarkedText(section.querySelector(".report"), {
      tagOf: (number) => this.tagOf(number),
      onPick: editor && ((place) => this.pick(place)),
      onTouch: (number) => this.edit(number),
    });
    if (!editor) return;
    this.names = Object.fromEntries(
      [...editor.querySelectorAll("[data-category]")].map((radio) => [
        radio.value,
        radio.dataset.category,
      ]),
    );
    this.editor = new MarkEditor(editor, {
      words,
      on: {
        keep: (mark) => this.keep(mark),
        remove: () => this.remove(this.edited),
        cancel: () => this.cancel(),
      },
    });
    section
      .querySelector("[data-missing]")
      .addEventListener("click", () => this.pick({ sentence: null, start: 0, end: 0 }));
  }

  get content() {
    return this.all.map((mark) => ({ ...mark }));
  }

  /** Show marks without reporting a change. */
  fill(marks) {
    this.all = marks.map((mark) => ({ ...mark }));
    if (this.isOpen) this.close();
    this.show();
  }

  get isOpen() {
    return Boolean(this.editor?.isOpen);
  }

  lock(isLocked) {
    this.locked = isLocked;
    if (isLocked && this.isOpen) this.cancel();
    this.show();
  }

  /** Do a named action; returns false when it does not apply. */
  act(action) {
    if (action === "sentence-next") return this.step(1);
    if (action === "sentence-previous") return this.step(-1);
    if (!this.editor || this.locked) return false;
    if (action === "mark-error") return this.begin();
    if (action === "mark-missing") {
      return this.isOpen || this.pick({ sentence: null, start: 0, end: 0 });
    }
    return this.isOpen ? this.actMarking(action) : false;
  }

  actMarking(action) {
    const [, part, value] = /^mark-(category-|end-|start-)?(.+)$/.exec(action) ?? [];
    if (!value) return false;
    if (part === "category-") this.editor.choose(Number(value));
    else if (part) this.reach(part, value === "on" ? 1 : -1);
    else if (value === "significant") this.editor.setSignificant(true);
    else if (value === "not-significant") this.editor.setSignificant(false);
    else if (value === "done") this.editor.keep();
    else if (value === "remove") this.remove(this.edited);
    else if (value === "cancel") this.cancel();
    else return false;
    return true;
  }

  /* --- Making a mark --- */

  /* Go to another sentence; a mark that is being made goes along. */
  step(direction) {
    const last = this.text.items.length - 1;
    if (last < 0) return false;
    const { current } = this.text;
    const next = current < 0 ? (direction > 0 ? 0 : last) : current + direction;
    this.text.go(Math.min(Math.max(next, 0), last));
    if (this.spoken) this.spoken.textContent = this.text.texts[this.text.current];
    if (this.isOpen) this.move(this.text.whole(this.text.current));
    return true;
  }

  begin() {
    if (this.isOpen) return true;
    if (!this.text.items.length) return false;
    if (this.text.current < 0) this.text.go(0);
    return this.pick(this.text.whole(this.text.current));
  }

  /** Begin a mark at a place, or move the one that is being made there. */
  pick(place) {
    if (this.locked) return true;
    if (place.sentence !== null) this.text.go(place.sentence);
    if (this.isOpen) {
      this.move(place);
      return true;
    }
    this.edited = null;
    const mark = { ...place, category: "", significant: null, replacement: "" };
    this.editor.open(mark, { quote: this.quoteOf(mark), isNew: true });
    if (this.all.length >= MOST) this.editor.say(this.words.too_many);
    this.show();
    return true;
  }

  edit(number) {
    if (this.locked || this.isOpen) return;
    this.edited = number;
    const mark = this.all[number];
    if (mark.sentence !== null) this.text.go(mark.sentence);
    this.editor.open(mark, { quote: this.quoteOf(mark), isNew: false });
    this.show();
  }

  move(place) {
    this.editor.place(place, this.quoteOf(place));
    this.show();
  }

  reach(part, direction) {
    const place = this.editor.mark;
    if (place.sentence === null) return;
    const text = this.text.texts[place.sentence];
    const moved = (part === "end-" ? endMoved : startMoved)(text, place, direction);
    this.move({ sentence: place.sentence, ...moved });
  }

  keep(mark) {
    if (this.edited === null && this.all.length >= MOST) {
      this.editor.say(this.words.too_many);
      return;
    }
    if (this.edited === null) this.all.push(mark);
    else this.all[this.edited] = mark;
    this.close();
    this.onChange();
  }

  remove(number) {
    if (number === null) {
      this.cancel();
      return;
    }
    this.all.splice(number, 1);
    this.close();
    this.onChange();
  }

  cancel() {
    // Esc leaves the field first, then the mark.
    const { replacement } = this.editor;
    if (document.activeElement === replacement) {
      replacement.blur();
      return;
    }
    this.close();
  }

  close() {
    this.edited = null;
    this.editor?.close();
    this.show();
  }

  /* --- Showing --- */

  tagOf(number) {
    return filled(this.words.tag, { number: number + 1 });
  }

  quoteOf({ sentence, start, end }) {
    if (sentence === null) return this.words.missing;
    const words = points(this.text.texts[sentence]).slice(start, end).join("");
    return filled(this.words.quote, { words });
  }

  show() {
    if (!this.editor) return;
    const shown = [...this.all];
    let edited = -1;
    if (this.isOpen) {
      edited = this.edited ?? shown.length;
      shown[edited] = { ...this.editor.mark };
    }
    this.text.show(shown, edited);
    this.list.replaceChildren(...this.all.map((mark, number) => this.row(mark, number)));
  }

  row(mark, number) {
    const { words } = this;
    const item = document.createElement("li");
    const tag = document.createElement("span");
    tag.className = "mark-tag";
    tag.textContent = this.tagOf(number);
    const significance = mark.significant ? words.significant : words.not_significant;
    const parts = [this.names[mark.category], significance, this.quoteOf(mark)];
    if (mark.replacement) {
      parts.push(filled(words.should_read, { words: mark.replacement }));
    }
    const text = document.createElement("span");
    text.textContent = parts.join(" · ");
    const button = (name, act) => {
      const element = document.createElement("button");
      element.type = "button";
      element.className = "button button-quiet button-small";
      element.textContent = words[name];
      element.setAttribute(
        "aria-label",
        filled(words[`${name}_of`], { tag: this.tagOf(number) }),
      );
      element.disabled = this.locked;
      element.addEventListener("click", act);
      return element;
    };
    item.append(
      tag,
      text,
      button("edit", () => this.edit(number)),
      button("remove", () => this.remove(number)),
    );
    return item;
  }
}
