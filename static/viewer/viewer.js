/* The viewer of one radiograph.
 *
 * Holds the state (view, window, inverted or not), asks a renderer to paint it at
 * most once per display frame, and turns actions into changes of state. It knows
 * nothing of grading: keys reach it as actions, by name.
 *
 * Events: "shown" at the first full-resolution paint, "changed" after each change of
 * the picture (detail: state), "failed" when the image cannot be had.
 */

import { CanvasRenderer } from "./canvas2d.js";
import { fit, fitScale, keepInSight, pan, zoomTo } from "./geometry.js";
import { loadRadiograph } from "./loader.js";
import { buildLut, completeVoi } from "./lut.js";
import {
  addPresetButtons,
  buildPanel,
  showLetters,
  showNotice,
  showState,
} from "./panel.js";
import { connectPointer } from "./pointer.js";

const MOST_PRESETS = 5;
const ZOOM_STEP = 1.25;
// A drag over this many CSS pixels changes the width by a factor of e and moves the
// level by one width.
const DRAG_SPAN = 400;
const KEY_STEP = 0.05;
const PAN_STEP = 40; // CSS pixels

export class Viewer extends EventTarget {
  /** root: the element to build in. keyOf: action -> name of its key, for tooltips. */
  constructor(root, { metaUrl, frameUrl, signInUrl = "", keyOf = () => "" }) {
    super();
    this.urls = { metaUrl, frameUrl, signInUrl };
    this.panel = buildPanel(root, { keyOf, onAction: (name) => this.act(name) });
    this.renderer = new CanvasRenderer(this.panel.canvas);
    this.image = null;
    this.lastPaintMs = 0;
    connectPointer(this.panel.stage, {
      window: (right, down) => this.dragWindow(right, down),
      pan: (right, down) => this.movePicture(right, down),
      zoom: (factor, x, y) => this.zoom(factor, x * this.ratio, y * this.ratio),
    });
    new ResizeObserver(() => this.resize()).observe(this.panel.stage);
    this.actions = this.actionTable();
  }

  /** Fetch and show the radiograph; a failure is shown with a way to try again. */
  async load() {
    const { root } = this.panel;
    root.dataset.state = "loading";
    showNotice(this.panel, "Loading the radiograph …");
    const { metaUrl, frameUrl, signInUrl } = this.urls;
    try {
      const onProgress = (share) => this.showProgress(share);
      const { meta, frame } = await loadRadiograph(metaUrl, frameUrl, onProgress);
      this.setImage(meta, frame);
    } catch (error) {
      root.dataset.state = "error";
      const link = error.signedOut && signInUrl;
      showNotice(this.panel, error.message, {
        retry: () => this.load(),
        link: link ? { href: signInUrl, text: "Sign in" } : null,
      });
      this.dispatchEvent(new CustomEvent("failed", { detail: error }));
    }
  }

  showProgress(share) {
    const percent = Math.floor(share * 10) * 10;
    if (percent === this.progress) return;
    this.progress = percent;
    showNotice(this.panel, `Loading the radiograph … ${percent} %`);
  }

  setImage(meta, frame) {
    const auto = { kind: "window", function: "LINEAR", label: "Auto", ...meta.auto };
    const windows = meta.windows
      .slice(0, MOST_PRESETS - 1)
      .map((voi, index) => ({ ...voi, label: voi.label || `File ${index + 1}` }));
    this.presets = [...windows, auto].map(completeVoi);
    addPresetButtons(this.panel, this.presets);
    showLetters(this.panel, meta.orientation);
    this.image = frame;
    this.renderer.setFrame(frame);
    this.reset();
    this.resize();
    showNotice(this.panel, "");
    requestAnimationFrame(() => {
      this.panel.root.dataset.state = "ready";
      this.dispatchEvent(new CustomEvent("shown"));
    });
  }

  /** Do a named action; returns false when there is none of that name. */
  act(name) {
    const action = this.actions[name];
    if (!action) return false;
    if (this.image) {
      action();
      this.refresh();
    }
    return true;
  }

  actionTable() {
    const centre = (factor) => this.zoomAtCentre(this.view.scale * factor);
    const table = {
      fit: () => this.fitPicture(),
      "actual-size": () => this.zoomAtCentre(1),
      "zoom-in": () => centre(ZOOM_STEP),
      "zoom-out": () => centre(1 / ZOOM_STEP),
      reset: () => this.reset(),
      invert: () => {
        this.invert = !this.invert;
      },
      brighter: () => this.shiftWindow(-KEY_STEP, 0),
      darker: () => this.shiftWindow(KEY_STEP, 0),
      wider: () => this.shiftWindow(0, KEY_STEP),
      narrower: () => this.shiftWindow(0, -KEY_STEP),
      "pan-left": () => this.movePicture(-PAN_STEP, 0),
      "pan-right": () => this.movePicture(PAN_STEP, 0),
      "pan-up": () => this.movePicture(0, -PAN_STEP),
      "pan-down": () => this.movePicture(0, PAN_STEP),
    };
    for (let index = 0; index < MOST_PRESETS; index += 1) {
      table[`preset-${index + 1}`] = () => this.choosePreset(index);
    }
    return table;
  }

  reset() {
    this.invert = false;
    this.choosePreset(0);
    this.fitPicture();
  }

  choosePreset(index) {
    if (index >= this.presets.length) return;
    this.presetIndex = index;
    this.voi = { ...this.presets[index] };
  }

  /* Move the level and change the width, both as shares of the width. */
  shiftWindow(level, width) {
    const narrowest = 1;
    this.voi.centre += level * this.voi.width;
    this.voi.width = Math.max(narrowest, this.voi.width * Math.exp(width));
    this.presetIndex = -1;
  }

  dragWindow(right, down) {
    if (!this.image) return;
    this.shiftWindow(down / DRAG_SPAN, right / DRAG_SPAN);
    this.refresh();
  }

  fitPicture() {
    this.fitted = true;
    const side = getComputedStyle(this.panel.root).getPropertyValue("--viewer-align");
    this.view = fit(this.image, this.panel.canvas, side.trim());
  }

  movePicture(right, down) {
    if (!this.image) return;
    const { canvas } = this.panel;
    const across = right * this.ratio;
    this.view = pan(this.view, across, down * this.ratio, this.image, canvas);
    this.fitted = false;
    this.refresh();
  }

  zoom(factor, x, y) {
    if (!this.image) return;
    const scale = this.view.scale * factor;
    this.view = zoomTo(this.view, scale, x, y, this.image, this.panel.canvas);
    this.fitted = false;
    this.refresh();
  }

  zoomAtCentre(scale) {
    const { canvas } = this.panel;
    this.zoom(scale / this.view.scale, canvas.width / 2, canvas.height / 2);
  }

  get ratio() {
    return window.devicePixelRatio || 1;
  }

  resize() {
    const { stage, canvas } = this.panel;
    const width = Math.max(1, Math.round(stage.clientWidth * this.ratio));
    const height = Math.max(1, Math.round(stage.clientHeight * this.ratio));
    const before = { width: canvas.width, height: canvas.height };
    if (before.width !== width || before.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    if (!this.image) return;
    if (this.fitted) this.fitPicture();
    else this.view = keepInSight(this.view, this.image, canvas);
    // A canvas is blank after a change of size, so no waiting for the next frame.
    this.paint();
  }

  refresh() {
    this.pending ??= requestAnimationFrame(() => this.paint());
  }

  paint() {
    cancelAnimationFrame(this.pending);
    this.pending = null;
    const started = performance.now();
    const { voi, invert, view, fitted, presetIndex } = this;
    const { padding } = this.image;
    const lut = buildLut(voi, { invert, padding, step: this.renderer.step });
    this.renderer.draw(view, lut);
    this.lastPaintMs = performance.now() - started;
    const zoom = view.scale;
    const state = { voi, invert, zoom, fitted, presetIndex };
    showState(this.panel, state);
    this.dispatchEvent(new CustomEvent("changed", { detail: state }));
  }

  /** The scale at which the whole image fits, for callers that show it. */
  get fitScale() {
    return fitScale(this.image, this.panel.canvas);
  }
}
