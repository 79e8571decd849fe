/* The grading form: an ordinary form of radio buttons and a comment. */

export class ReadingForm {
  /** onChange gets {letter, comment} after each change by the reader. */
  constructor(form, onChange) {
    this.form = form;
    this.radios = [...form.querySelectorAll("input[name=letter]")];
    this.comment = form.elements.comment;
    this.hint = form.querySelector("[data-hint]");
    this.fields = form.querySelector("fieldset");
    this.button = form.querySelector("button");
    // A missing grade is asked for in the page's own words.
    form.noValidate = true;
    form.addEventListener("input", () => {
      this.say("");
      onChange(this.content);
    });
    this.onChange = onChange;
  }

  /** {letter, comment}; letter is null while none is chosen. */
  get content() {
    const chosen = this.radios.find((radio) => radio.checked);
    return { letter: chosen?.value ?? null, comment: this.comment.value };
  }

  /** Show a letter and comment without reporting a change. */
  fill({ letter, comment }) {
    for (const radio of this.radios) radio.checked = radio.value === letter;
    this.comment.value = comment ?? "";
  }

  /** Choose a letter, or clear it when it is the one chosen. */
  toggle(letter) {
    if (this.fields.disabled) return;
    const radio = this.radios.find(({ value }) => value === letter);
    if (!radio) return;
    radio.checked = !radio.checked;
    this.say("");
    this.onChange(this.content);
  }

  focusFirst() {
    this.radios[0]?.focus();
  }

  /** Nothing can be changed while a grade is on its way. */
  lock(locked) {
    this.fields.disabled = locked;
  }

  /** Nothing can be changed or submitted any more. */
  close() {
    this.lock(true);
    this.button.disabled = true;
  }

  get closed() {
    return this.button.disabled;
  }

  say(sentence) {
    this.hint.textContent = sentence;
  }
}
