/* The questions about one report: grade, further questions, refusal, comment, marks. */

import { Marks } from "./marks.js";
import { filled } from "./words.js";

export class ReportForm {
  /** section: the element .read-report; onChange() after each change by the reader. */
  constructor(section, { words, marksWords, onChange }) {
    Object.assign(this, { section, words, onChange, locked: false });
    const all = (part) => [...section.querySelectorAll(part)];
    this.fields = section.querySelector(".answers");
    this.letters = all("[data-letter]");
    this.questions = all("[data-instrument]").map((group) => ({
      name: group.dataset.instrument,
      question: group.querySelector("[data-question]").textContent.trim(),
      radios: [...group.querySelectorAll("input")],
    }));
    this.comment = section.querySelector("[data-comment]");
    this.definitions = section.querySelector(".definitions");
    this.refusal = section.querySelector("[data-refusal]");
    this.reasons = all("[data-reason]");
    this.marks = new Marks(section, { words: marksWords, onChange });
    const entered = section.querySelector("script[type='application/json']");
    this.marks.fill(entered ? JSON.parse(entered.textContent) : []);
    this.fields.addEventListener("input", () => {
      this.settle();
      onChange();
    });
    this.refusal?.addEventListener("toggle", () => this.toggled());
    this.settle();
  }

  get content() {
    const refused = this.reason;
    return {
      letter: refused ? null : (chosen(this.letters) ?? null),
      comment: this.comment?.value ?? "",
      cannot_assess: refused,
      answers: refused ? {} : this.answers,
      marks: this.marks.content,
    };
  }

  get reason() {
    return chosen(this.reasons) ?? "";
  }

  get answers() {
    return Object.fromEntries(
      this.questions
        .map(({ name, radios }) => [name, chosen(radios)])
        .filter(([, value]) => value !== undefined),
    );
  }

  /** Show a content without reporting a change. */
  fill({ letter = null, comment = "", cannot_assess = "", answers = {}, marks = [] }) {
    choose(this.letters, letter);
    if (this.comment) this.comment.value = comment;
    for (const { name, radios } of this.questions) choose(radios, answers[name]);
    choose(this.reasons, cannot_assess);
    if (this.refusal) this.refusal.open = Boolean(cannot_assess);
    this.marks.fill(marks);
    this.settle();
  }

  /** The first thing that is still to be done: {sentence, element}, or null. */
  get missing() {
    const { words } = this;
    if (this.marks.isOpen) {
      return { sentence: words.finish_mark, element: this.marks.editor.root };
    }
    if (this.reason) {
      const unsaid = this.reason === "other" && !this.comment?.value.trim();
      return unsaid ? { sentence: words.say_why, element: this.comment } : null;
    }
    if (!chosen(this.letters)) {
      return { sentence: words.choose_grade, element: this.letters[0] };
    }
    const open = this.questions.find(({ radios }) => !chosen(radios));
    if (!open) return null;
    const sentence = filled(words.still_to_answer, { question: open.question });
    return { sentence, element: open.radios[0] };
  }

  /** Do a named action; returns false when it does not apply. */
  act(action) {
    const [, grade] = /^grade-(.)$/.exec(action) ?? [];
    if (grade) return this.press(this.letters, grade);
    const [, sure] = /^confidence-(.)$/.exec(action) ?? [];
    if (sure) return this.press(this.radiosOf("confidence"), sure);
    switch (action) {
      case "comment":
        return focused(this.comment);
      case "cannot-assess":
        return this.refuse();
      case "definitions":
        return toggle(this.definitions);
      default:
        return this.marks.act(action);
    }
  }

  radiosOf(name) {
    return this.questions.find((each) => each.name === name)?.radios ?? [];
  }

  /* Choose an answer, or clear it when it is the one chosen. */
  press(radios, value) {
    const radio = radios.find((each) => each.value === value);
    if (!radio) return false;
    if (this.locked || radio.disabled || this.marks.isOpen) return true;
    radio.checked = !radio.checked;
    radio.closest("label").scrollIntoView({ block: "nearest" });
    this.onChange();
    return true;
  }

  refuse() {
    if (!this.refusal) return false;
    if (this.locked || this.marks.isOpen) return true;
    this.refusal.open = !this.refusal.open;
    if (this.refusal.open) this.reasons[0].focus();
    return true;
  }

  /* Closing the list of reasons is the way back to grading. */
  toggled() {
    if (this.refusal.open) {
      this.refusal.scrollIntoView({ block: "nearest" });
      return;
    }
    if (!this.reason) return;
    choose(this.reasons, null);
    this.settle();
    this.onChange();
  }

  /* A report that cannot be assessed has no grade and no answers. */
  settle() {
    const refused = Boolean(this.reason);
    if (refused) choose(this.letters, null);
    const asked = [...this.letters, ...this.questions.flatMap(({ radios }) => radios)];
    for (const radio of asked) radio.disabled = refused;
  }

  lock(isLocked) {
    this.locked = isLocked;
    this.fields.disabled = isLocked;
    this.marks.lock(isLocked);
  }
}

function chosen(radios) {
  return radios.find((radio) => radio.checked)?.value;
}

function choose(radios, value) {
  for (const radio of radios) radio.checked = radio.value === value;
}

function focused(element) {
  if (!element) return false;
  element.focus();
  return true;
}

function toggle(details) {
  if (!details) return false;
  details.open = !details.open;
  return true;
}
