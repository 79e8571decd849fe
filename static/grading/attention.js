/* Whether the reader is there: hands on, page in front. */

const INPUTS = ["pointerdown", "pointermove", "wheel", "keydown", "input", "scroll"];
const TICK_MS = 1000;

const SETTLE_MS = 50; // From one window to the other, neither has the focus.

/* Events: "input", "blur", "focus", and "idle" after idleMs without any input. The page
 * counts as in front while it, or a window that belongs to it, has the focus. */
export class Attention extends EventTarget {
  /** elsewhere: whether a window that belongs to the page has the focus. */
  constructor(idleMs, { elsewhere = () => false } = {}) {
    super();
    Object.assign(this, { idleMs, elsewhere });
    this.lastInput = performance.now();
    this.inFront = this.look();
    const options = { passive: true, capture: true };
    for (const name of INPUTS) {
      window.addEventListener(name, () => this.input(), options);
    }
    const change = () => setTimeout(() => this.change(), SETTLE_MS);
    window.addEventListener("focus", change);
    window.addEventListener("blur", change);
    document.addEventListener("visibilitychange", change);
    setInterval(() => this.tick(), TICK_MS);
  }

  look() {
    if (this.elsewhere()) return true;
    return document.visibilityState === "visible" && document.hasFocus();
  }

  /** A sign of the reader; also called for what happens in the image's own window. */
  input() {
    this.lastInput = performance.now();
    this.dispatchEvent(new CustomEvent("input"));
  }

  change() {
    const inFront = this.look();
    if (inFront === this.inFront) return;
    this.inFront = inFront;
    if (inFront) this.lastInput = performance.now();
    this.dispatchEvent(new CustomEvent(inFront ? "focus" : "blur"));
  }

  tick() {
    this.change();
    if (performance.now() - this.lastInput < this.idleMs) return;
    this.dispatchEvent(new CustomEvent("idle"));
  }
}
