/* Reading time: wall time since the radiograph was shown, and the active part of it.
 *
 * A moment is active when the page is visible and focused and the reader gave some
 * input in the last 120 s. All times in milliseconds.
 */

export const IDLE_MS = 120000;

/** The arithmetic, on whatever clock it is given; no DOM. */
export class ReadingTimer {
  /** earlier: active time of earlier visits to the same report. */
  constructor(earlier = 0, now = () => performance.now(), idleMs = IDLE_MS) {
    this.now = now;
    this.idleMs = idleMs;
    this.total = earlier;
    this.startedAt = null;
    this.mark = null;
    this.attentive = true;
  }

  /** Begin to count: the radiograph is shown. */
  start() {
    if (this.startedAt !== null) return;
    this.startedAt = this.mark = this.lastInput = this.now();
  }

  /** The reader did something. */
  input() {
    this.count();
    this.lastInput = this.now();
  }

  /** The page came into, or went out of, the reader's sight. */
  setAttentive(attentive) {
    this.count();
    this.attentive = attentive;
    if (attentive) this.lastInput = this.now();
  }

  activeMs() {
    this.count();
    return Math.round(this.total);
  }

  /** Milliseconds since `start` of this visit. */
  wallMs() {
    return this.startedAt === null ? 0 : Math.round(this.now() - this.startedAt);
  }

  /* Add what was active since the last look. */
  count() {
    if (this.startedAt === null) return;
    const now = this.now();
    const until = Math.min(now, this.lastInput + this.idleMs);
    if (this.attentive) this.total += Math.max(0, until - this.mark);
    this.mark = now;
  }
}

const INPUTS = ["pointerdown", "pointermove", "wheel", "keydown", "input", "scroll"];

/** Let a timer follow the page. */
export function followPage(timer) {
  const look = () => {
    timer.setAttentive(document.visibilityState === "visible" && document.hasFocus());
  };
  for (const name of INPUTS) {
    window.addEventListener(name, () => timer.input(), { passive: true, capture: true });
  }
  window.addEventListener("focus", look);
  window.addEventListener("blur", look);
  document.addEventListener("visibilitychange", look);
  look();
}
