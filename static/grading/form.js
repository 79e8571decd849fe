/* The form of a page: the questions about its report, or about the two of a pair. */

import { ReportForm } from "./report_form.js";
import { filled, section as wordsOf } from "./words.js";

export class ReadingForm {
  /** panel: the element .reading-panel. onChange gets the content after each change by
   * the reader. words: name -> text. */
  constructor(panel, { onChange, words, marksWords = wordsOf("marks") }) {
    Object.assign(this, { panel, words, onChange });
    this.hint = panel.querySelector("[data-hint]");
    this.button = panel.querySelector(".grade-submit button");
    this.preferences = [...panel.querySelectorAll("[data-preference] input")];
    this.reports = [...panel.querySelectorAll("[data-report]")].map(
      (section) =>
        new ReportForm(section, { words, marksWords, onChange: () => this.changed() }),
    );
    for (const radio of this.preferences) {
      radio.addEventListener("input", () => this.changed());
    }
    this.makeCurrent(0);
    this.followReader();
  }

  get isPair() {
    return this.reports.length > 1;
  }

  /** What the keys mean now: reading, pair or marking. */
  get mode() {
    if (this.reports.some(({ marks }) => marks.isOpen)) return "marking";
    return this.isPair ? "pair" : "reading";
  }

  /** The answers as the server takes them, without key and visits. */
  get content() {
    if (!this.isPair) return this.reports[0].content;
    const reports = this.reports.map((report) => report.content);
    return { reports, preference: this.preference };
  }

  get preference() {
    return this.preferences.find((radio) => radio.checked)?.value ?? "";
  }

  /** The first thing that is still to be answered {sentence, element}, or null. */
  get missing() {
    for (const [index, report] of this.reports.entries()) {
      const { missing } = report;
      if (!missing) continue;
      this.makeCurrent(index);
      if (!this.isPair) return missing;
      const values = { number: index + 1, sentence: missing.sentence };
      return { ...missing, sentence: filled(this.words.of_report, values) };
    }
    if (!this.isPair || this.preference) return null;
    return { sentence: this.words.choose_better, element: this.preferences[0] };
  }

  /** Show a content without reporting a change. */
  fill(content) {
    const each = content.reports ?? [content];
    this.reports.forEach((report, index) => report.fill(each[index] ?? {}));
    for (const radio of this.preferences) {
      radio.checked = radio.value === content.preference;
    }
  }

  /** Do a named action; returns false when it does not apply. */
  act(action) {
    if (action === "leave") return leave();
    if (action === "other-report") return this.goToOther();
    const [, better] = /^prefer-(.+)$/.exec(action) ?? [];
    if (better) return this.prefer(better);
    const marking = this.reports.find(({ marks }) => marks.isOpen);
    return (marking ?? this.current).act(action);
  }

  prefer(value) {
    const radio = this.preferences.find((each) => each.value === value);
    if (!radio || radio.disabled) return false;
    radio.checked = !radio.checked;
    this.changed();
    return true;
  }

  /** Nothing can be changed while a grade is on its way. */
  lock(isLocked) {
    for (const report of this.reports) report.lock(isLocked);
    for (const radio of this.preferences) radio.disabled = isLocked;
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

  changed() {
    this.say("");
    this.onChange(this.content);
  }

  /* --- The report that the keys act on --- */

  makeCurrent(index) {
    this.current = this.reports[index];
    if (!this.isPair) return;
    for (const report of this.reports) {
      const isCurrent = report === this.current;
      report.section.toggleAttribute("data-current", isCurrent);
      report.section.setAttribute("aria-current", String(isCurrent));
    }
  }

  goToOther() {
    if (!this.isPair) return false;
    this.makeCurrent((this.reports.indexOf(this.current) + 1) % this.reports.length);
    return true;
  }

  followReader() {
    this.reports.forEach(({ section }, index) => {
      for (const name of ["focusin", "pointerdown"]) {
        section.addEventListener(name, () => this.makeCurrent(index));
      }
    });
    // A button that was clicked must not keep the arrow keys, which belong to the
    // image. A click by key has no detail.
    this.panel.addEventListener("click", (event) => {
      if (event.detail && event.target.matches("input[type=radio]")) event.target.blur();
    });
  }
}

function leave() {
  document.activeElement?.blur();
  return true;
}
