/* The line that measures, drawn over a pane. */

import { devicePoint } from "./geometry.js";
import { lengthInWords, lengthOf } from "./measure.js";
import { toDisplayed } from "./orientation.js";

const SVG = "http://www.w3.org/2000/svg";
// Half the length of the strokes across a line's ends, in CSS pixels.
const END = 5;
const LABEL_GAP = 12;

export class Ruler {
  constructor(stage, say) {
    this.say = say;
    this.svg = document.createElementNS(SVG, "svg");
    this.svg.setAttribute("class", "viewer-ruler");
    this.svg.setAttribute("aria-hidden", "true");
    // A dark line below a light one is seen on every grey.
    this.strokes = ["viewer-ruler-below", "viewer-ruler-line"].map((name) => {
      const path = document.createElementNS(SVG, "path");
      path.setAttribute("class", name);
      this.svg.append(path);
      return path;
    });
    this.label = document.createElement("output");
    this.label.className = "viewer-length";
    stage.append(this.svg, this.label);
    this.show(null);
  }

  /** Draw a picture's line, if it has one; ratio: device pixels per CSS pixel. */
  show(picture, ratio = 1) {
    const line = picture?.line;
    this.svg.toggleAttribute("hidden", !line);
    this.label.hidden = !line;
    if (!line) return;
    const [from, to] = [line.from, line.to].map((stored) => {
      const displayed = toDisplayed(stored, picture.grid, picture.turn);
      const { x, y } = devicePoint(picture.view, picture.image, displayed);
      return { x: x / ratio, y: y / ratio };
    });
    for (const stroke of this.strokes) stroke.setAttribute("d", pathOf(from, to));
    this.label.value = lengthInWords(lengthOf(line, picture.meta.spacing), this.say);
    const rightmost = from.x > to.x ? from : to;
    this.label.style.left = `${rightmost.x + LABEL_GAP}px`;
    this.label.style.top = `${rightmost.y}px`;
  }
}

function pathOf(from, to) {
  const long = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const x = (-(to.y - from.y) / long) * END;
  const y = ((to.x - from.x) / long) * END;
  const end = (point) =>
    `M${point.x - x} ${point.y - y} L${point.x + x} ${point.y + y}`;
  return `M${from.x} ${from.y} L${to.x} ${to.y} ${end(from)} ${end(to)}`;
}
