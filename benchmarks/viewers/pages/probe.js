/* What every page of the benchmark has in common: the clock and the hand.
 *
 * window.bench is read by the script from outside. `shown` is the time of the first full
 * image, in milliseconds since the navigation began.
 */

window.bench = {
  shown: null, preview: null, next: null, ready: null,
  error: "", engine: "", violations: [],
};
window.addEventListener("error", (event) => fail(event.message));
window.addEventListener("unhandledrejection", (event) => fail(event.reason));
document.addEventListener("securitypolicyviolation", (event) => {
  window.bench.violations.push(`${event.violatedDirective} ${event.blockedURI}`);
});

/** Say why this page cannot be measured. */
export function fail(reason) {
  window.bench.error ||= String(reason?.message ?? reason) || "unknown error";
}

/** Resolve after the next frame has been handed over, with the time of that moment. */
export function painted() {
  return new Promise((done) => {
    requestAnimationFrame(() => {
      const after = new MessageChannel();
      after.port1.onmessage = () => done(performance.now());
      after.port2.postMessage(null);
    });
  });
}

/** Whether a picture is on the largest canvas of `root`; only for 2-D canvases.
 *
 * Some viewers say "rendered" for a viewport that has no image yet.
 */
export function hasPicture(root) {
  const canvases = [...root.querySelectorAll("canvas")];
  return canvases.some((canvas) => {
    if (!canvas.width || !canvas.height) return false;
    const small = new OffscreenCanvas(8, 8).getContext("2d");
    small.drawImage(canvas, 0, 0, 8, 8);
    const { data } = small.getImageData(0, 0, 8, 8);
    return data.some((value, at) => at % 4 < 3 && value > 16);
  });
}

const WARM_UP = 5;

/** Drag the window over the middle of `stage` and return the frames' milliseconds.
 *
 * Every move waits until the frame that shows it has been handed over, so a frame's
 * time is what a reader's hand feels: event, sums, paint. The moves are the same for
 * every viewer; each listens to the events that it likes.
 */
window.drag = async (selector, moves) => {
  const stage = document.querySelector(selector);
  const box = stage.getBoundingClientRect();
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const target = document.elementFromPoint(middle.x, middle.y);
  const at = (step) => ({
    x: middle.x + 80 * Math.sin(step / 9),
    y: middle.y + 60 * Math.sin(step / 13),
  });
  const send = (kind, { x, y }, buttons) => {
    const how = {
      bubbles: true,
      cancelable: true,
      composed: true,
      view: window,
      clientX: x,
      clientY: y,
      screenX: x,
      screenY: y,
      button: kind === "move" ? -1 : 0,
      buttons,
    };
    const mouse = { pointerId: 1, pointerType: "mouse", isPrimary: true };
    target.dispatchEvent(new PointerEvent(`pointer${kind}`, { ...how, ...mouse }));
    target.dispatchEvent(new MouseEvent(`mouse${kind}`, { ...how, button: 0 }));
  };
  send("down", at(0), 1);
  await painted();
  const frames = [];
  let before = await painted();
  for (let step = 1; step <= moves + WARM_UP; step += 1) {
    send("move", at(step), 1);
    const now = await painted();
    if (step > WARM_UP) frames.push(now - before);
    before = now;
  }
  send("up", at(moves + WARM_UP), 0);
  return frames;
};
