/* The WebGL2 renderer: the frame as a texture of 16-bit whole numbers.
 *
 * Has what canvas2d.js has. Greys are the same to a rounding: the sums are of 32 bits
 * here and of 64 there.
 */

import { axesOf, orientedImage } from "./orientation.js";
import { axisSpan, fractionBits } from "./resample.js";
import { FRAGMENT, VERTEX } from "./shader.js";

const FRAME_UNIT = 0;
const GREYS_UNIT = 1;
const UNIFORMS = [
  "frame", "greys", "size", "span", "offset", "scale", "canvasHeight", "turn", "padded",
  "unit",
];
const OPTIONS = {
  alpha: false,
  antialias: false,
  depth: false,
  stencil: false,
  powerPreference: "high-performance",
};
// Renderers in software are slower than Canvas 2D.
const SOFTWARE = /SwiftShader|llvmpipe|Software|Microsoft Basic Render/i;

let usable = null;

/** Whether this browser has WebGL2 that runs on a graphics processor. */
export function hasGraphicsProcessor() {
  usable ??= probe();
  return usable;
}

function probe() {
  const canvas = document.createElement("canvas");
  const gl = canvas.getContext("webgl2", { failIfMajorPerformanceCaveat: true });
  if (!gl) return false;
  const names = gl.getExtension("WEBGL_debug_renderer_info");
  const name = gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER);
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return !SOFTWARE.test(name);
}

export class GlRenderer {
  /** Throws where the browser gives no WebGL2 context. */
  constructor(canvas) {
    this.canvas = canvas;
    this.gl = canvas.getContext("webgl2", OPTIONS);
    if (!this.gl) throw new Error("This browser has no WebGL2.");
    const { gl } = this;
    this.program = buildProgram(gl);
    gl.useProgram(this.program);
    this.at = Object.fromEntries(
      UNIFORMS.map((name) => [name, gl.getUniformLocation(this.program, name)]),
    );
    gl.uniform1i(this.at.frame, FRAME_UNIT);
    gl.uniform1i(this.at.greys, GREYS_UNIT);
    gl.bindVertexArray(gl.createVertexArray());
    gl.disable(gl.DITHER);
    this.largest = gl.getParameter(gl.MAX_TEXTURE_SIZE);
    this.greys = this.texture(GREYS_UNIT);
    this.lut = null;
  }

  get kind() {
    return "gl";
  }

  /** Whether a frame fits into a texture; a larger one is for the other renderer. */
  accepts({ rows, columns }) {
    return Math.max(rows, columns) <= this.largest && !this.gl.isContextLost();
  }

  load(frame) {
    const { gl } = this;
    const { columns, rows, pixels } = frame;
    const texture = this.texture(FRAME_UNIT);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 2);
    gl.texImage2D(
      gl.TEXTURE_2D, 0, gl.R16UI, columns, rows, 0,
      gl.RED_INTEGER, gl.UNSIGNED_SHORT, pixels,
    );
    gl.flush();
    return { frame, texture, step: 1 / 2 ** fractionBits(frame.maximum) };
  }

  free(sheet) {
    this.gl.deleteTexture(sheet.texture);
  }

  prepare() {}

  draw(sheet, view, turn, lut) {
    const { gl, at } = this;
    const { width, height } = this.canvas;
    const { columns, rows, pixelWidth, pixelHeight } = orientedImage(sheet.frame, turn);
    const scale = { x: view.scale * pixelWidth, y: view.scale * pixelHeight };
    const across = axisSpan(columns, scale.x, view.x, width);
    const down = axisSpan(rows, scale.y, view.y, height);
    const { swap, mirrorColumns, mirrorRows } = axesOf(turn);
    this.setGreys(lut);
    gl.activeTexture(gl.TEXTURE0 + FRAME_UNIT);
    gl.bindTexture(gl.TEXTURE_2D, sheet.texture);
    gl.uniform2i(at.size, columns, rows);
    gl.uniform4i(at.span, across.begin, down.begin, across.end, down.end);
    gl.uniform2f(at.offset, view.x, view.y);
    gl.uniform2f(at.scale, scale.x, scale.y);
    gl.uniform1i(at.canvasHeight, height);
    gl.uniform3i(at.turn, swap, mirrorColumns, mirrorRows);
    gl.uniform1i(at.padded, sheet.frame.padding);
    gl.uniform1f(at.unit, 1 / sheet.step);
    gl.viewport(0, 0, width, height);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  setGreys(lut) {
    if (this.lut === lut) return;
    const { gl } = this;
    gl.activeTexture(gl.TEXTURE0 + GREYS_UNIT);
    gl.bindTexture(gl.TEXTURE_2D, this.greys);
    gl.texImage2D(
      gl.TEXTURE_2D, 0, gl.R8UI, 256, 256, 0, gl.RED_INTEGER, gl.UNSIGNED_BYTE, lut,
    );
    this.lut = lut;
  }

  /* A texture that is bound to a unit and never filtered. */
  texture(unit) {
    const { gl } = this;
    const texture = gl.createTexture();
    gl.activeTexture(gl.TEXTURE0 + unit);
    gl.bindTexture(gl.TEXTURE_2D, texture);
    for (const [name, value] of [
      [gl.TEXTURE_MIN_FILTER, gl.NEAREST],
      [gl.TEXTURE_MAG_FILTER, gl.NEAREST],
      [gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE],
      [gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE],
    ]) {
      gl.texParameteri(gl.TEXTURE_2D, name, value);
    }
    return texture;
  }
}

function buildProgram(gl) {
  const program = gl.createProgram();
  for (const [kind, source] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) {
    throw new Error(`The shaders do not link: ${gl.getProgramInfoLog(program)}`);
  }
  return program;
}
