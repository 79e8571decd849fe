/* Mouse, pen and touch on the image.
 *
 * Left drag sets the window, or measures while the ruler is out; right drag, Shift or
 * held Space with a drag pans, the wheel zooms to the cursor; two fingers pan and zoom;
 * a double click shows one image alone. Distances and places are handed on in CSS
 * pixels relative to the stage.
 */

const WHEEL_LINE = 24;
const ZOOM_PER_PIXEL = 0.0016;

/* Elements on which the space bar has a meaning of its own. */
const SPACE_USERS = "button, input, textarea, select, summary, a, dialog";
const CONTROLS = "button, a";

let spaceHeld = false;
let followsSpace = false;

function followSpace() {
  if (followsSpace) return;
  followsSpace = true;
  const space = (event) => {
    if (event.key !== " " || event.target.closest?.(SPACE_USERS)) return;
    event.preventDefault();
    spaceHeld = event.type === "keydown";
  };
  window.addEventListener("keydown", space);
  window.addEventListener("keyup", space);
  window.addEventListener("blur", () => {
    spaceHeld = false;
  });
}

/** Connect a stage.
 *
 * tools: window(right, down), pan(right, down), zoom(factor, x, y), measures(),
 * measure(from, to), hover(place or null), touch(), solo().
 */
export function connectPointer(stage, tools) {
  const fingers = new Map();
  let mode = null;
  let pressed = null;
  followSpace();

  const place = (event) => {
    const box = stage.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  stage.addEventListener("pointerdown", (event) => {
    if (event.target.closest(CONTROLS) || event.button > 2) return;
    stage.setPointerCapture(event.pointerId);
    pressed = place(event);
    fingers.set(event.pointerId, pressed);
    const panning = event.button > 0 || event.shiftKey || spaceHeld;
    const drags = tools.measures() ? "measure" : "window";
    mode = fingers.size === 2 ? "pinch" : panning ? "pan" : drags;
    stage.dataset.dragging = mode;
    tools.touch();
  });

  stage.addEventListener("pointermove", (event) => {
    const now = place(event);
    tools.hover(now);
    const before = fingers.get(event.pointerId);
    if (!before) return;
    if (mode === "pinch") {
      const others = [...fingers].filter(([id]) => id !== event.pointerId);
      if (others.length) pinch(others[0][1], before, now);
    } else if (mode === "measure") {
      tools.measure(pressed, now);
    } else {
      tools[mode](now.x - before.x, now.y - before.y);
    }
    fingers.set(event.pointerId, now);
  });

  stage.addEventListener("pointerleave", () => tools.hover(null));

  function pinch(other, before, now) {
    const gap = (finger) => Math.hypot(finger.x - other.x, finger.y - other.y);
    tools.pan((now.x - before.x) / 2, (now.y - before.y) / 2);
    const factor = gap(now) / Math.max(gap(before), 1);
    tools.zoom(factor, (now.x + other.x) / 2, (now.y + other.y) / 2);
  }

  for (const ending of ["pointerup", "pointercancel"]) {
    stage.addEventListener(ending, (event) => {
      fingers.delete(event.pointerId);
      // A finger left over from a pinch must not suddenly change the window.
      if (fingers.size) mode = "pinch";
      else delete stage.dataset.dragging;
    });
  }

  stage.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const pixels = event.deltaMode ? event.deltaY * WHEEL_LINE : event.deltaY;
      const { x, y } = place(event);
      tools.touch();
      tools.zoom(Math.exp(-pixels * ZOOM_PER_PIXEL), x, y);
    },
    { passive: false },
  );

  stage.addEventListener("dblclick", (event) => {
    if (!event.target.closest(CONTROLS)) tools.solo();
  });
  stage.addEventListener("contextmenu", (event) => event.preventDefault());
}
