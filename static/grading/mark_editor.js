/* Where one mark is made: category, significance, what should stand there instead.
 *
 * Everything it shows stands in the page (grading/_marks.html).
 */

const PLACELESS = new Set(["omission", "omitted_comparison"]);

export class MarkEditor {
  /** root: [data-mark-editor]. on: {keep(mark), remove(), cancel()}. */
  constructor(root, { words, on }) {
    Object.assign(this, { root, words, on });
    const all = (part) => [...root.querySelectorAll(part)];
    this.categories = all("[data-category]");
    this.significances = all("[data-significant]");
    this.replacement = root.querySelector("[data-replacement]");
    this.quote = root.querySelector("[data-quote]");
    this.hint = root.querySelector("[data-mark-hint]");
    this.remover = root.querySelector("[data-remove]");
    root.querySelector("[data-keep]").addEventListener("click", () => this.keep());
    root.querySelector("[data-cancel]").addEventListener("click", () => on.cancel());
    this.remover.addEventListener("click", () => on.remove());
    root.addEventListener("change", () => this.say(""));
    this.replacement.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing || event.ctrlKey) return;
      // Enter in the field keeps the mark; it must not submit the page.
      event.preventDefault();
      this.keep();
    });
  }

  get isOpen() {
    return !this.root.hidden;
  }

  /** Open on a mark; `quote` are its words, `isNew` where it is not kept yet. */
  open(mark, { quote, isNew }) {
    this.opener ??= document.activeElement;
    this.place(mark, quote);
    for (const radio of this.categories) radio.checked = radio.value === mark.category;
    for (const radio of this.significances) {
      radio.checked = radio.value === String(mark.significant);
    }
    this.replacement.value = mark.replacement ?? "";
    this.remover.hidden = isNew;
    this.say("");
    this.root.hidden = false;
    this.root.focus({ preventScroll: true });
  }

  /** Show another place for the same mark. */
  place({ sentence, start, end }, quote) {
    this.where = { sentence, start, end };
    this.quote.textContent = quote;
    for (const radio of this.categories) {
      radio.disabled = sentence === null && !PLACELESS.has(radio.value);
      if (radio.disabled) radio.checked = false;
    }
  }

  /** The mark as it stands; category and significance may still be missing. */
  get mark() {
    const chosen = (radios) => radios.find((radio) => radio.checked)?.value;
    const significant = chosen(this.significances);
    return {
      ...this.where,
      category: chosen(this.categories) ?? "",
      significant: significant === undefined ? null : significant === "true",
      replacement: this.replacement.value.trim(),
    };
  }

  choose(number) {
    const radio = this.categories[number - 1];
    if (!radio || radio.disabled) {
      this.say(this.words.only_omissions);
      return;
    }
    radio.checked = true;
    this.say("");
  }

  setSignificant(significant) {
    for (const radio of this.significances) {
      radio.checked = radio.value === String(significant);
    }
    this.say("");
  }

  keep() {
    const { mark } = this;
    if (!mark.category) return this.say(this.words.choose_category);
    if (mark.significant === null) return this.say(this.words.choose_significance);
    return this.on.keep(mark);
  }

  close() {
    const hadFocus = this.root.contains(document.activeElement);
    this.root.hidden = true;
    if (hadFocus && this.opener?.isConnected) this.opener.focus({ preventScroll: true });
    this.opener = null;
  }

  say(sentence) {
    this.hint.textContent = sentence;
  }
}
