/* A magnified part of the image around the pointer. */

import { CanvasRenderer } from "./canvas2d.js";
import { devicePoint, imagePoint } from "./geometry.js";

const SMALLEST = 2;
const LARGEST = 4;
const SIDE = 300; // CSS pixels

export class Loupe {
  constructor(stage) {
    this.canvas = document.createElement("canvas");
    this.canvas.className = "viewer-loupe";
    this.canvas.setAttribute("aria-hidden", "true");
    this.canvas.hidden = true;
    stage.append(this.canvas);
    this.renderer = new CanvasRenderer(this.canvas);
    this.magnification = 2.5;
    this.sheet = null;
  }

  /** Magnify more or less, 2 to 4 times. */
  turnBy(factor) {
    const wanted = this.magnification * factor;
    this.magnification = Math.min(LARGEST, Math.max(SMALLEST, wanted));
  }

  /** Show what lies at a place of the stage, {x, y} in CSS pixels. */
  show(picture, frame, place, ratio) {
    const side = Math.round(SIDE * ratio);
    if (this.canvas.height !== side) this.canvas.width = this.canvas.height = side;
    if (this.sheet?.frame !== frame) this.sheet = this.renderer.load(frame);
    const { image, view, turn } = picture;
    const point = imagePoint(view, image, place.x * ratio, place.y * ratio);
    const scale = view.scale * this.magnification;
    const corner = devicePoint({ scale, x: 0, y: 0 }, image, point);
    const magnified = {
      scale,
      x: Math.round(side / 2 - corner.x),
      y: Math.round(side / 2 - corner.y),
    };
    this.renderer.draw(this.sheet, magnified, turn, picture.lut(this.sheet.step));
    this.canvas.style.left = `${place.x - SIDE / 2}px`;
    this.canvas.style.top = `${place.y - SIDE / 2}px`;
    this.canvas.hidden = false;
  }

  hide() {
    this.canvas.hidden = true;
  }

  /** Let go of the frame. */
  forget() {
    this.hide();
    this.sheet = null;
  }
}
