/* Which renderer a canvas gets: WebGL2 on a graphics processor, else Canvas 2D. */

import { CanvasRenderer } from "./canvas2d.js";
import { GlRenderer, hasGraphicsProcessor } from "./gl.js";

/** Return a renderer; choice: "gl", "canvas", or "auto" for the better one here.
 *
 * replace: makes a new canvas in place of one on which WebGL was begun in vain.
 */
export function rendererFor(canvas, choice, replace) {
  const wantsGl = choice === "gl" || (choice === "auto" && hasGraphicsProcessor());
  if (!wantsGl) return new CanvasRenderer(canvas);
  try {
    return new GlRenderer(canvas);
  } catch (problem) {
    console.warn(`Drawing without WebGL: ${problem.message}`);
    return new CanvasRenderer(replace());
  }
}
