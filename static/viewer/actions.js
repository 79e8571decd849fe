/* What can be done by name: to the active picture, or to the lightbox as a whole.
 *
 * An action of a picture is [tool, do(picture, canvas, ratio)]; the tool is how the
 * change is told of.
 */

const ZOOM_STEP = 1.25;
const KEY_STEP = 0.05;
const PAN_STEP = 40; // CSS pixels

const atCentre = (picture, scale, canvas) =>
  picture.zoomTo(scale, canvas.width / 2, canvas.height / 2, canvas);
const panning = (right, down) => [
  "pan",
  (picture, canvas, ratio) =>
    picture.pan(right * PAN_STEP * ratio, down * PAN_STEP * ratio, canvas),
];
const shifting = (level, width) => [
  "window",
  (picture) => picture.shiftWindow(level * KEY_STEP, width * KEY_STEP),
];

const PICTURE_ACTIONS = {
  "fit": ["zoom", (picture, canvas) => picture.fit(canvas)],
  "actual-size": ["zoom", (picture, canvas) => atCentre(picture, 1, canvas)],
  "zoom-in": [
    "zoom", (picture, canvas) => atCentre(picture, picture.zoom * ZOOM_STEP, canvas),
  ],
  "zoom-out": [
    "zoom", (picture, canvas) => atCentre(picture, picture.zoom / ZOOM_STEP, canvas),
  ],
  "reset": ["reset", (picture, canvas) => picture.reset(canvas)],
  "invert": [
    "invert",
    (picture) => {
      picture.invert = !picture.invert;
    },
  ],
  "brighter": shifting(-1, 0),
  "darker": shifting(1, 0),
  "wider": shifting(0, 1),
  "narrower": shifting(0, -1),
  "pan-left": panning(-1, 0),
  "pan-right": panning(1, 0),
  "pan-up": panning(0, -1),
  "pan-down": panning(0, 1),
  "rotate": ["rotate", (picture, canvas) => picture.rotate(canvas)],
  "flip-horizontal": ["flip", (picture, canvas) => picture.flip("horizontal", canvas)],
  "flip-vertical": ["flip", (picture, canvas) => picture.flip("vertical", canvas)],
  "auto-window": [
    "preset", (picture) => picture.choosePreset(picture.presets.length - 1),
  ],
};

const PRESET = /^preset-([1-9]\d?)$/;

/** Return the action of a picture of that name, or undefined. */
export function pictureAction(name) {
  const number = PRESET.exec(name)?.[1];
  if (number) return ["preset", (picture) => picture.choosePreset(number - 1)];
  return Object.hasOwn(PICTURE_ACTIONS, name) ? PICTURE_ACTIONS[name] : undefined;
}
