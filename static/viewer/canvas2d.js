/* The Canvas-2D renderer.
 *
 * A renderer has `step` (stored values per entry of the lookup table it wants),
 * `setFrame(frame)` and `draw(view, lut)`; the canvas has its size before `draw`. A
 * GL renderer with the same three can take this one's place in viewer.js. The
 * resampled values of the last view are kept, so a change of window is one lookup
 * per device pixel.
 */

import { axisTaps, fractionBits, resample } from "./resample.js";

const BLACK = 0xff000000;

export class CanvasRenderer {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { alpha: false });
    this.frame = null;
    this.sampledView = "";
  }

  get step() {
    return 1 / 2 ** this.bits;
  }

  /** Take a frame {pixels, rows, columns, aspect, padding, maximum}. */
  setFrame(frame) {
    this.frame = frame;
    this.bits = fractionBits(frame.maximum);
    this.sampledView = "";
  }

  /** Paint a view through a table of 65,536 greys. */
  draw(view, lut) {
    this.sampleOnce(view);
    const { values, colours, across, down, width } = this;
    const greys = new Uint32Array(lut.length);
    for (let entry = 0; entry < lut.length; entry += 1) {
      greys[entry] = BLACK | (lut[entry] * 0x010101);
    }
    for (let y = down.begin; y < down.end; y += 1) {
      const stop = y * width + across.end;
      for (let at = y * width + across.begin; at < stop; at += 1) {
        colours[at] = greys[values[at]];
      }
    }
    this.context.putImageData(this.picture, 0, 0);
  }

  sampleOnce(view) {
    const { width, height } = this.canvas;
    const key = [width, height, view.scale, view.x, view.y].join();
    if (key === this.sampledView) return;
    if (this.picture?.width !== width || this.picture?.height !== height) {
      this.width = width;
      this.picture = new ImageData(width, height);
      this.colours = new Uint32Array(this.picture.data.buffer);
      this.values = new Uint16Array(width * height);
    }
    this.colours.fill(BLACK);
    const { columns, rows, aspect } = this.frame;
    this.across = axisTaps(columns, view.scale, view.x, width);
    this.down = axisTaps(rows, view.scale * aspect, view.y, height);
    resample(this.frame, this.across, this.down, this.values, width, this.bits);
    this.sampledView = key;
  }
}
