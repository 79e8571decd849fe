/* Pauses: asked for, after a time without input, and breaks between two cases.
 *
 * While it pauses, radiograph and report are hidden. Events: "pause" and "resume".
 */

import { filled } from "./words.js";

const REST_MS = 60000; // A pause of a minute counts as a break.
const KEPT = "readerstudy.reading-since-break";

export class Pause extends EventTarget {
  /** dialog: the card; words: name -> text; breakMinutes: 0 for no breaks. */
  constructor(dialog, { words, breakMinutes }) {
    super();
    Object.assign(this, { dialog, words, breakMs: breakMinutes * 60000 });
    this.reading = Number(sessionStorage.getItem(KEPT)) || 0;
    dialog.addEventListener("close", () => this.end());
  }

  get on() {
    return this.dialog.open;
  }

  /** Count time that was spent reading towards the next break. */
  count(milliseconds) {
    this.reading += milliseconds;
    sessionStorage.setItem(KEPT, String(this.reading));
  }

  /** Hide the case. `why` names the words: "asked", "idle" or "break". */
  begin(why) {
    if (this.on) return;
    this.startedAt = performance.now();
    const minutes = Math.round(this.reading / 60000);
    this.say("title", this.words[`${why}_title`]);
    this.say("text", filled(this.words[`${why}_text`], { minutes }));
    this.dialog.showModal();
    this.dispatchEvent(new CustomEvent("pause", { detail: why }));
  }

  say(part, text) {
    this.dialog.querySelector(`[data-pause-${part}]`).textContent = text;
  }

  end() {
    if (performance.now() - this.startedAt >= REST_MS) this.restart();
    this.dispatchEvent(new CustomEvent("resume"));
  }

  restart() {
    this.reading = 0;
    sessionStorage.removeItem(KEPT);
  }

  /** Whether it is time for a break. */
  get due() {
    return this.breakMs > 0 && this.reading >= this.breakMs;
  }

  /** Propose a break and resolve when the reader goes on. */
  async betweenCases() {
    this.begin("break");
    this.restart();
    await new Promise((resume) => {
      this.addEventListener("resume", resume, { once: true });
    });
  }
}
