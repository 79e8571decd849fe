/* Where the image lies on the canvas. Pure: views in, views out.
 *
 * A view is {scale, x, y}: device pixels per column's spacing, and the device pixel at
 * which the image's upper left corner lies. An image is {columns, rows, pixelWidth,
 * pixelHeight} as it is displayed (orientation.js); the sizes of a pixel are 1 for
 * square ones. A canvas is {width, height} in device pixels. Corners lie on whole
 * device pixels, so that 1:1 shows every stored value untouched.
 */

const LARGEST_SCALE = 16;
// This many device pixels of the image always stay on the canvas.
const KEPT_IN_SIGHT = 64;

/** Return the size of the image on the canvas, in device pixels. */
function shownSize(image, scale) {
  return {
    width: image.columns * image.pixelWidth * scale,
    height: image.rows * image.pixelHeight * scale,
  };
}

/** Return the scale at which the whole image just fits. */
export function fitScale(image, canvas) {
  const { width, height } = shownSize(image, 1);
  return Math.min(canvas.width / width, canvas.height / height);
}

/** Return the view of the whole image; `align` "end" sets it against the right edge. */
export function fit(image, canvas, align = "center") {
  const scale = fitScale(image, canvas);
  const { width, height } = shownSize(image, scale);
  const free = canvas.width - width;
  return {
    scale,
    x: Math.round(align === "end" ? free : free / 2),
    y: Math.round((canvas.height - height) / 2),
  };
}

/** Return the view with at least an edge of the image kept on the canvas. */
export function keepInSight(view, image, canvas) {
  const { width, height } = shownSize(image, view.scale);
  const between = (value, size, room) => {
    const kept = Math.min(KEPT_IN_SIGHT, size, room);
    return Math.round(Math.min(Math.max(value, kept - size), room - kept));
  };
  return {
    scale: view.scale,
    x: between(view.x, width, canvas.width),
    y: between(view.y, height, canvas.height),
  };
}

/** Return the view at another scale; the image point under (x, y) stays there. */
export function zoomTo(view, scale, x, y, image, canvas) {
  const smallest = Math.min(fitScale(image, canvas) / 2, 1);
  const wanted = Math.min(Math.max(scale, smallest), LARGEST_SCALE);
  const ratio = wanted / view.scale;
  const moved = {
    scale: wanted,
    x: x - (x - view.x) * ratio,
    y: y - (y - view.y) * ratio,
  };
  return keepInSight(moved, image, canvas);
}

/** Return the view moved by a distance in device pixels. */
export function pan(view, right, down, image, canvas) {
  const moved = { scale: view.scale, x: view.x + right, y: view.y + down };
  return keepInSight(moved, image, canvas);
}

/** Return the image point {x, y} in pixels of the image, at a device pixel. */
export function imagePoint(view, image, x, y) {
  return {
    x: (x - view.x) / (view.scale * image.pixelWidth),
    y: (y - view.y) / (view.scale * image.pixelHeight),
  };
}

/** Return the device pixel {x, y} of an image point. */
export function devicePoint(view, image, point) {
  return {
    x: view.x + point.x * view.scale * image.pixelWidth,
    y: view.y + point.y * view.scale * image.pixelHeight,
  };
}

/** Return the view at a scale with an image point in the middle of the canvas. */
export function centredOn(point, scale, image, canvas) {
  const corner = devicePoint({ scale, x: 0, y: 0 }, image, point);
  const view = { scale, x: canvas.width / 2 - corner.x, y: canvas.height / 2 - corner.y };
  return keepInSight(view, image, canvas);
}
