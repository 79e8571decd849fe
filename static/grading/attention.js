/* Whether the reader is there: hands on, page in front. */

const INPUTS = ["pointerdown", "pointermove", "wheel", "keydown", "input", "scroll"];
const TICK_MS = 1000;

/* Events: "input", "blur", "focus", and "idle" after idleMs without any input while the
 * page is in front. */
export class Attention extends EventTarget {
  constructor(idleMs) {
    super();
    this.idleMs = idleMs;
    this.lastInput = performance.now();
    this.inFront = this.look();
    const options = { passive: true, capture: true };
    for (const name of INPUTS) {
      window.addEventListener(name, () => this.input(), options);
    }
    const change = () => this.change();
    window.addEventListener("focus", change);
    window.addEventListener("blur", change);
    document.addEventListener("visibilitychange", change);
    setInterval(() => this.tick(), TICK_MS);
  }

  look() {
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
    if (performance.now() - this.lastInput < this.idleMs) return;
    this.dispatchEvent(new CustomEvent("idle"));
  }
}
