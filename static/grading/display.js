/* The display check: draws the line pairs point by point, and tells the server what
 * the browser knows of the screen. */

const lines = document.getElementById("line-pairs");
const device = document.getElementById("device");
const SIDE = 160; // CSS pixels

/* Lines one point of the screen wide, black and white in turn. */
function drawLines() {
  const side = Math.round(SIDE * window.devicePixelRatio);
  const isUpright = lines.dataset.lines === "upright";
  lines.width = side;
  lines.height = side;
  lines.style.width = `${side / window.devicePixelRatio}px`;
  lines.style.height = lines.style.width;
  const context = lines.getContext("2d");
  context.fillStyle = "#000";
  context.fillRect(0, 0, side, side);
  context.fillStyle = "#fff";
  for (let at = 0; at < side; at += 2) {
    if (isUpright) context.fillRect(at, 0, 1, side);
    else context.fillRect(0, at, side, 1);
  }
}

/* The page's zoom, where the browser's frame betrays it; else 1. */
function zoom() {
  const ratio = window.outerWidth / window.innerWidth;
  const isTold = window.outerWidth > 0 && Math.abs(ratio - 1) > 0.05;
  return isTold ? Math.round(ratio * 100) / 100 : 1;
}

function describe() {
  device.value = JSON.stringify({
    screen_width: screen.width,
    screen_height: screen.height,
    window_width: window.innerWidth,
    window_height: window.innerHeight,
    colour_depth: screen.colorDepth,
    pixel_ratio: window.devicePixelRatio,
    zoom: zoom(),
  });
}

function look() {
  drawLines();
  describe();
}

look();
window.addEventListener("resize", look);
