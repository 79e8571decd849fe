/* The sentences of a report: the current one, the marks in them, and the mouse.
 *
 * A mark is shown by its underline and by its tag; colour says nothing.
 */

import { pieces, points, snapped } from "./spans.js";

function make(tag, className, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

export class MarkedText {
  /** root: the element .report. onPick(place) for what the mouse marked: a place
   * {sentence, start, end}; onTouch(number) for a mark that was clicked. */
  constructor(root, { tagOf, onPick = null, onTouch = null }) {
    Object.assign(this, { root, tagOf, onPick, onTouch });
    this.items = [...root.querySelectorAll("[data-sentence]")];
    this.texts = this.items.map((item) => item.textContent);
    this.current = -1;
    if (onPick) {
      root.toggleAttribute("data-markable", true);
      root.addEventListener("mouseup", (event) => this.released(event));
    }
  }

  /** Make a sentence the current one and bring it into sight. */
  go(index) {
    this.current = index;
    this.items.forEach((item, number) => {
      item.toggleAttribute("data-current", number === index);
      if (number === index) item.setAttribute("aria-current", "true");
      else item.removeAttribute("aria-current");
    });
    this.items[index]?.scrollIntoView({ block: "nearest" });
  }

  /** Show the marks; `edited` is the number of the one that is being edited. */
  show(marks, edited = -1) {
    this.items.forEach((item, sentence) => {
      const here = marks
        .map((mark, number) => ({ ...mark, number }))
        .filter((mark) => mark.sentence === sentence);
      this.fill(item, this.texts[sentence], here, edited);
    });
  }

  fill(item, text, here, edited) {
    const letters = points(text);
    const parts = pieces(letters.length, here).flatMap((piece) => {
      const words = letters.slice(piece.start, piece.end).join("");
      const covering = piece.marks.map((index) => here[index]);
      const ending = here.filter(({ end }) => end === piece.end);
      const shown = covering.length ? this.marked(words, covering, edited) : words;
      return [shown, ...ending.map(({ number }) => this.tag(number))];
    });
    item.replaceChildren(...parts);
  }

  marked(words, covering, edited) {
    const element = make("mark", "marked", words);
    element.dataset.mark = covering.at(-1).number;
    const kind = covering.length > 1 ? "several" : covering[0].significant;
    element.dataset.significant = String(kind);
    if (covering.some(({ number }) => number === edited)) element.dataset.edited = "";
    return element;
  }

  tag(number) {
    const element = make("sup", "mark-tag", this.tagOf(number));
    element.dataset.mark = number;
    return element;
  }

  released(event) {
    const selection = window.getSelection();
    const picked = selection.isCollapsed ? null : this.placeOf(selection);
    if (picked) {
      selection.removeAllRanges();
      this.onPick(picked);
      return;
    }
    if (!selection.isCollapsed || event.button !== 0) return;
    const touched = event.target.closest("[data-mark]");
    if (touched && this.root.contains(touched)) {
      this.onTouch(Number(touched.dataset.mark));
      return;
    }
    const sentence = this.items.indexOf(event.target.closest("[data-sentence]"));
    if (sentence >= 0) this.onPick(this.whole(sentence));
  }

  /** The place of a whole sentence. */
  whole(sentence) {
    return { sentence, start: 0, end: points(this.texts[sentence]).length };
  }

  /* The words that a selection touches in the sentence in which it began. */
  placeOf(selection) {
    const itemOf = (node) =>
      (node.nodeType === Node.TEXT_NODE ? node.parentElement : node).closest(
        "[data-sentence]",
      );
    const range = selection.getRangeAt(0);
    const item = itemOf(selection.anchorNode) ?? itemOf(range.startContainer);
    const sentence = this.items.indexOf(item);
    if (sentence < 0) return null;
    const text = this.texts[sentence];
    const start = item.contains(range.startContainer)
      ? offsetIn(item, range.startContainer, range.startOffset)
      : 0;
    const end = item.contains(range.endContainer)
      ? offsetIn(item, range.endContainer, range.endOffset)
      : points(text).length;
    const place = snapped(text, start, end);
    return place && { sentence, ...place };
  }
}

/* How many code points of a sentence lie before a place in the document. */
function offsetIn(item, node, offset) {
  const before = document.createRange();
  before.setStart(item, 0);
  before.setEnd(node, offset);
  const part = before.cloneContents();
  for (const tag of part.querySelectorAll(".mark-tag")) tag.remove();
  return points(part.textContent).length;
}
