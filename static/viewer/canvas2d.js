/* The Canvas-2D renderer.
 *
 * A renderer makes a sheet of a frame (`load`), paints it (`draw`) and lets it go
 * (`free`). A sheet has `step`: stored values per entry of the table of greys it wants.
 * `prepare` does what can be done before a sheet is shown. The canvas has its size
 * before any of it. gl.js is the other renderer.
 *
 * The resampled values of a sheet's last view are kept, so a change of window is one
 * lookup per device pixel; its last picture is kept too, so showing a prepared sheet
 * is a blit.
 */

import { orientedFrame } from "./orientation.js";
import { axisTaps, fractionBits, resample } from "./resample.js";

const BLACK = 0xff000000;

export class CanvasRenderer {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { alpha: false });
  }

  get kind() {
    return "canvas";
  }

  accepts() {
    return true;
  }

  /** Take a frame {pixels, rows, columns, pixelWidth, pixelHeight, padding, maximum}. */
  load(frame) {
    const bits = fractionBits(frame.maximum);
    return { frame, bits, step: 1 / 2 ** bits, turned: null, sampled: "", painted: null };
  }

  free() {}

  /** Do all of a later `draw` but the blit. */
  prepare(sheet, view, turn, lut) {
    this.sampleOnce(sheet, view, turn);
    this.lookUpOnce(sheet, lut);
  }

  /** Paint a view through a table of 65,536 greys. */
  draw(sheet, view, turn, lut) {
    this.prepare(sheet, view, turn, lut);
    this.context.putImageData(sheet.picture, 0, 0);
  }

  lookUpOnce(sheet, lut) {
    if (sheet.painted === lut) return;
    const { values, colours, across, down } = sheet;
    const width = sheet.picture.width;
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
    sheet.painted = lut;
  }

  sampleOnce(sheet, view, turn) {
    const { width, height } = this.canvas;
    const turnKey = `${turn.rotation} ${turn.flipped}`;
    const key = [width, height, view.scale, view.x, view.y, turnKey].join();
    if (key === sheet.sampled) return;
    if (sheet.picture?.width !== width || sheet.picture?.height !== height) {
      sheet.picture = new ImageData(width, height);
      sheet.colours = new Uint32Array(sheet.picture.data.buffer);
      sheet.values = new Uint16Array(width * height);
    }
    sheet.colours.fill(BLACK);
    if (sheet.turned?.key !== turnKey) {
      sheet.turned = { key: turnKey, frame: orientedFrame(sheet.frame, turn) };
    }
    const { frame } = sheet.turned;
    const { scale } = view;
    sheet.across = axisTaps(frame.columns, scale * frame.pixelWidth, view.x, width);
    sheet.down = axisTaps(frame.rows, scale * frame.pixelHeight, view.y, height);
    resample(frame, sheet.across, sheet.down, sheet.values, width, sheet.bits);
    sheet.sampled = key;
    sheet.painted = null;
  }
}
