/* Dragging over the picture fills the numbers of a region; the form beside it adds it.
 * Without a mouse the numbers are typed. */

const picture = document.querySelector("[data-picture] svg");
const form = document.querySelector("form[data-region]");
const field = (name) => form.elements.namedItem(name);
let start = null;

const draft = document.createElementNS("http://www.w3.org/2000/svg", "rect");
draft.setAttribute("class", "region-draft");
draft.setAttribute("vector-effect", "non-scaling-stroke");

/* A point of the screen in pixels of the image, within the image. */
const point = ({ clientX, clientY }) => {
  const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(
    picture.getScreenCTM().inverse(),
  );
  const { width, height } = picture.viewBox.baseVal;
  return [Math.min(Math.max(0, x), width), Math.min(Math.max(0, y), height)];
};

const show = () => {
  for (const [name, attribute] of [["left", "x"], ["top", "y"], ["width", "width"], ["height", "height"]]) {
    draft.setAttribute(attribute, field(name).value || 0);
  }
  picture.append(draft);
};

const mark = (event) => {
  const end = point(event);
  const left = Math.floor(Math.min(start[0], end[0]));
  const top = Math.floor(Math.min(start[1], end[1]));
  field("left").value = left;
  field("top").value = top;
  field("width").value = Math.max(1, Math.ceil(Math.max(start[0], end[0])) - left);
  field("height").value = Math.max(1, Math.ceil(Math.max(start[1], end[1])) - top);
  show();
};

picture.addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  event.preventDefault();
  picture.setPointerCapture(event.pointerId);
  start = point(event);
});
picture.addEventListener("pointermove", (event) => start && mark(event));
picture.addEventListener("pointerup", (event) => {
  if (start) mark(event);
  start = null;
});
picture.addEventListener("pointercancel", () => (start = null));
form.addEventListener("input", show);
