/* One place for a radiograph: its canvas, what stands over it, and its loading.
 *
 * Events: "preview" and "full" at the first paint of the small and of the whole frame,
 * "failed" (detail: the error).
 */

import { CanvasRenderer } from "./canvas2d.js";
import { Loupe } from "./loupe.js";
import { make, Overlay } from "./overlay.js";
import { Picture } from "./picture.js";
import { rendererFor } from "./renderer.js";
import { Ruler } from "./ruler.js";

export class Pane extends EventTarget {
  /** align: a function that says how a fitted image is set, see geometry.js. */
  constructor(parent, { say, signInUrl, choice, align }) {
    super();
    Object.assign(this, { say, signInUrl, align });
    this.stage = make("div", "viewer-stage");
    this.canvas = make("canvas", "viewer-canvas");
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "img");
    this.stage.append(this.canvas);
    this.overlay = new Overlay(this.stage, this.canvas, say);
    this.ruler = new Ruler(this.stage, say);
    this.loupe = new Loupe(this.stage);
    parent.append(this.stage);
    this.renderer = rendererFor(this.canvas, choice, () => this.freshCanvas());
    this.canvas.addEventListener("webglcontextlost", () => this.doWithoutGl());
    this.loading = this.picture = this.frame = this.sheet = null;
    this.isFull = false;
    this.lastPaintMs = 0;
    new ResizeObserver(() => this.resize()).observe(this.stage);
  }

  // --- What hangs here ---

  /** Hang a radiograph: one on its way, or one that `prepare` has made ready. */
  hang(loading, ready = null) {
    this.clear();
    this.loading = loading;
    this.overlay.label.textContent = loading ? this.say(loading.label) : "";
    if (!loading) return;
    if (ready) {
      const { picture, frame, sheet, renderer } = ready;
      this.picture = picture;
      this.hold(frame, renderer === this.renderer ? sheet : this.renderer.load(frame), true);
      return;
    }
    this.stage.dataset.state = "loading";
    this.overlay.tell(this.say("loading"));
    this.follow(loading);
  }

  clear() {
    cancelAnimationFrame(this.pending);
    this.pending = null;
    if (this.sheet) this.renderer.free(this.sheet);
    const isHung = Boolean(this.picture);
    this.loading = this.picture = this.frame = this.sheet = null;
    this.isFull = false;
    this.news = this.percent = null;
    this.stage.dataset.state = "empty";
    this.overlay.tell("");
    this.overlay.clear(this.canvas);
    this.ruler.show(null);
    this.loupe.forget();
    // Setting its size blanks a canvas, whatever renders on it.
    if (isHung) this.canvas.width = this.canvas.width;
  }

  async follow(loading) {
    let isOver = false;
    const isStill = () => this.loading === loading && !this.isFull && !isOver;
    const onProgress = () => isStill() && this.showProgress(loading.share);
    loading.addEventListener?.("progress", onProgress);
    const { meta, preview, frame } = loading;
    try {
      const described = await meta;
      if (!isStill()) return;
      this.picture = new Picture(described, loading.label, this.align);
      preview?.then((small) => isStill() && this.take(small, false), () => {});
      const whole = await frame;
      if (isStill()) this.take(whole, true);
    } catch (error) {
      if (isStill()) this.fail(error, loading);
      isOver = true;
    } finally {
      loading.removeEventListener?.("progress", onProgress);
    }
  }

  showProgress(share) {
    const percent = Math.floor(share * 10) * 10;
    if (this.frame || percent === this.percent) return;
    this.percent = percent;
    this.overlay.tell(this.say("loading-share", { percent }));
  }

  fail(error, loading) {
    const code = error.code ?? "error-other";
    if (!error.code) console.error(error);
    this.stage.dataset.state = "error";
    this.overlay.tell(this.say(code, error.values), {
      retry: loading.restart && (() => this.retry(loading)),
      signInUrl: error.signedOut ? this.addressOfSignIn() : "",
    });
    this.dispatchEvent(new CustomEvent("failed", { detail: error }));
  }

  /* The way back from there may be another at every case. */
  addressOfSignIn() {
    const { signInUrl } = this;
    return typeof signInUrl === "function" ? signInUrl() : signInUrl;
  }

  retry(loading) {
    loading.restart();
    this.hang(loading);
  }

  take(frame, isFull) {
    if (!this.renderer.accepts(frame)) this.doWithoutGl();
    this.hold(frame, this.renderer.load(frame), isFull);
  }

  hold(frame, sheet, isFull) {
    if (this.sheet) this.renderer.free(this.sheet);
    Object.assign(this, { frame, sheet, isFull });
    this.loupe.forget();
    this.stage.dataset.state = isFull ? "ready" : "preview";
    this.overlay.tell("");
    this.news = isFull ? "full" : "preview";
    this.resize();
  }

  /* Tell of a first paint once it is on the screen. */
  tellNews() {
    const { news, loading } = this;
    this.news = null;
    const tell = () => {
      if (this.loading === loading) this.dispatchEvent(new Event(news));
    };
    // No frame comes while the page is hidden.
    if (document.hidden) setTimeout(tell);
    else requestAnimationFrame(tell);
  }

  /** Decode and draw off screen what will hang here next; null where it can't be. */
  prepare({ label, meta, frame }) {
    if (!this.renderer.accepts(frame)) return null;
    const picture = new Picture(meta, label, this.align);
    const sheet = this.renderer.load(frame);
    if (this.isShown) {
      picture.fit(this.canvas);
      const { view, turn } = picture;
      this.renderer.prepare(sheet, view, turn, picture.lut(sheet.step));
    }
    return { picture, frame, sheet, renderer: this.renderer };
  }

  // --- Painting ---

  get ratio() {
    return window.devicePixelRatio || 1;
  }

  get isShown() {
    return this.stage.clientWidth > 0;
  }

  resize() {
    const { stage, canvas } = this;
    if (!this.isShown) return;
    const width = Math.max(1, Math.round(stage.clientWidth * this.ratio));
    const height = Math.max(1, Math.round(stage.clientHeight * this.ratio));
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    if (!this.sheet) return;
    this.picture.resize(canvas);
    // A canvas is blank after a change of size, so no waiting for the next frame.
    this.paint();
  }

  refresh() {
    if (this.sheet) this.pending ??= requestAnimationFrame(() => this.paint());
  }

  /** Paint at once. */
  paint() {
    cancelAnimationFrame(this.pending);
    this.pending = null;
    if (!this.sheet || !this.isShown) return;
    const started = performance.now();
    const { picture, sheet } = this;
    this.renderer.draw(sheet, picture.view, picture.turn, picture.lut(sheet.step));
    this.lastPaintMs = performance.now() - started;
    this.overlay.show(picture, this.canvas, this.isFull);
    this.ruler.show(picture, this.ratio);
    this.showLoupe();
    if (this.news) this.tellNews();
  }

  // --- The loupe ---

  /** Magnify what lies at a place {x, y} in CSS pixels; null takes the loupe away. */
  magnify(place) {
    this.loupePlace = place;
    this.showLoupe();
  }

  showLoupe() {
    if (!this.loupePlace || !this.sheet) this.loupe.hide();
    else this.loupe.show(this.picture, this.frame, this.loupePlace, this.ratio);
  }

  // --- Without WebGL ---

  freshCanvas() {
    const fresh = this.canvas.cloneNode();
    this.canvas.replaceWith(fresh);
    this.canvas = fresh;
    return fresh;
  }

  /* The context is lost, or the frame too large for a texture. */
  doWithoutGl() {
    if (this.renderer.kind !== "gl") return;
    this.renderer = new CanvasRenderer(this.freshCanvas());
    this.sheet = this.frame && this.renderer.load(this.frame);
    this.paint();
  }
}
