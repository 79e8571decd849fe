/* One radiograph as it is shown: its window, its turn, its place. No DOM in here.
 *
 * Methods that move the picture take the canvas {width, height} in device pixels.
 */

import {
  centredOn, fit, fitScale, imagePoint, keepInSight, pan, zoomTo,
} from "./geometry.js";
import { frameGrid } from "./loader.js";
import { buildLut, completeVoi } from "./lut.js";
import {
  flippedAcross, flippedDown, orientedImage, rotated, UPRIGHT,
} from "./orientation.js";

// More windows than these no file has with sense; the last preset is the automatic one.
const MOST_WINDOWS = 11;
const NARROWEST = 1;

export class Picture {
  /** align: "center", or "end" to set a fitted image against the right edge. */
  constructor(meta, label, align = () => "center") {
    this.meta = meta;
    this.label = label;
    this.align = align;
    this.grid = frameGrid(meta);
    this.presets = presetsOf(meta);
    this.view = null;
    this.line = null;
    this.resetLook();
  }

  /** The image as displayed: {columns, rows, pixelWidth, pixelHeight}. */
  get image() {
    return orientedImage(this.grid, this.turn);
  }

  get zoom() {
    return this.view.scale;
  }

  resetLook() {
    this.invert = false;
    this.turn = UPRIGHT;
    this.line = null;
    this.choosePreset(0);
  }

  reset(canvas) {
    this.resetLook();
    this.fit(canvas);
  }

  choosePreset(index) {
    if (!this.presets[index]) return false;
    this.presetIndex = this.basis = index;
    this.voi = { ...this.presets[index] };
    return true;
  }

  /** Move the level and change the width, both as shares of the width. */
  shiftWindow(level, width) {
    this.setWindow(
      this.voi.centre + level * this.voi.width,
      this.voi.width * Math.exp(width),
    );
  }

  setWindow(centre, width) {
    this.voi = { ...this.voi, centre, width: Math.max(NARROWEST, width) };
    this.presetIndex = -1;
  }

  fit(canvas) {
    this.fitted = true;
    this.view = fit(this.image, canvas, this.align());
  }

  pan(right, down, canvas) {
    this.view = pan(this.view, right, down, this.image, canvas);
    this.fitted = false;
  }

  zoomTo(scale, x, y, canvas) {
    this.view = zoomTo(this.view, scale, x, y, this.image, canvas);
    this.fitted = false;
  }

  rotate(canvas) {
    this.setTurn(rotated(this.turn), canvas);
  }

  flip(direction, canvas) {
    const flipped = direction === "horizontal" ? flippedAcross : flippedDown;
    this.setTurn(flipped(this.turn), canvas);
  }

  setTurn(turn, canvas) {
    const { scale } = this.view;
    this.turn = turn;
    if (this.fitted) this.fit(canvas);
    else this.view = centredOn(this.middle, scale, this.image, canvas);
  }

  /* The middle of the image, as displayed. */
  get middle() {
    return { x: this.image.columns / 2, y: this.image.rows / 2 };
  }

  /** Keep the picture where it belongs on a canvas of another size. */
  resize(canvas) {
    if (this.fitted || !this.view) this.fit(canvas);
    else this.view = keepInSight(this.view, this.image, canvas);
  }

  /** The table of greys for a renderer's step; the same object for the same window. */
  lut(step) {
    const { centre, width } = this.voi;
    const key = [this.basis, centre, width, this.invert, step].join();
    if (key !== this.lutKey) {
      const { invert, grid } = this;
      this.lutKey = key;
      this.lutKept = buildLut(this.voi, { invert, padding: grid.padding, step });
    }
    return this.lutKept;
  }

  /** How the picture stands, for a window of another size; nothing of it is large. */
  standing(canvas) {
    const { centre, width } = this.voi;
    const { basis, presetIndex, invert, turn, fitted, line } = this;
    const { scale } = this.view;
    const { width: across, height: down } = canvas;
    return {
      basis, presetIndex, centre, width, invert, turn, fitted, line,
      relativeScale: scale / fitScale(this.image, canvas),
      actual: scale === 1,
      middle: imagePoint(this.view, this.image, across / 2, down / 2),
    };
  }

  /** Stand as a picture in another window does. */
  adopt(standing, canvas) {
    const { basis, presetIndex, centre, width, invert, turn, fitted, line } = standing;
    this.choosePreset(basis);
    Object.assign(this, { presetIndex, invert, turn, line });
    this.voi = { ...this.voi, centre, width };
    if (fitted) {
      this.fit(canvas);
      return;
    }
    const scale = standing.relativeScale * fitScale(this.image, canvas);
    this.fitted = false;
    this.view = centredOn(
      standing.middle, standing.actual ? 1 : scale, this.image, canvas,
    );
  }
}

function presetsOf(meta) {
  const auto = { kind: "window", function: "LINEAR", isAuto: true, ...meta.auto };
  return [...meta.windows.slice(0, MOST_WINDOWS), auto].map(completeVoi);
}
