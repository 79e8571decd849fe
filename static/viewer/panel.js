/* What stands around the image: values, letters, buttons, notices. DOM only. */

const LETTER_PLACES = ["left", "right", "top", "bottom"];

/* What the buttons below the image do; presets are added when the image is known. */
const BUTTONS = [
  ["fit", "Fit"],
  ["actual-size", "1:1"],
  ["zoom-out", "−", "Zoom out"],
  ["zoom-in", "+", "Zoom in"],
  ["invert", "Invert"],
  ["reset", "Reset"],
];

function make(tag, className, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

/** Build the viewer's elements inside `root` and return them. */
export function buildPanel(root, { keyOf, onAction }) {
  const stage = make("div", "viewer-stage");
  const canvas = make("canvas", "viewer-canvas");
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", "Chest radiograph, loading");
  const values = make("p", "viewer-values");
  const notice = make("div", "viewer-notice");
  notice.setAttribute("role", "status");
  const letters = Object.fromEntries(
    LETTER_PLACES.map((side) => {
      const letter = make("span", `viewer-letter viewer-letter-${side}`);
      letter.hidden = true;
      return [side, letter];
    }),
  );
  stage.append(canvas, values, ...Object.values(letters), notice);

  const tools = make("div", "viewer-tools");
  tools.setAttribute("role", "group");
  tools.setAttribute("aria-label", "Image tools");
  const addButton = (action, label, name = "") => {
    const button = make("button", "viewer-tool", label);
    button.type = "button";
    button.dataset.action = action;
    const key = keyOf(action);
    button.title = `${name || label}${key ? ` (${key})` : ""}`;
    if (name) button.setAttribute("aria-label", name);
    button.addEventListener("click", () => onAction(action));
    tools.append(button);
    return button;
  };
  for (const entry of BUTTONS) addButton(...entry);
  root.replaceChildren(stage, tools);
  return { root, stage, canvas, values, notice, letters, tools, addButton };
}

/** Add one button per preset; `presets` are VOIs with a label. */
export function addPresetButtons(panel, presets) {
  presets.forEach((preset, index) => {
    panel.addButton(`preset-${index + 1}`, preset.label, `Window: ${preset.label}`);
  });
}

/** Show the letters of the header's orientation, where it has one. */
export function showLetters(panel, orientation) {
  for (const side of LETTER_PLACES) {
    panel.letters[side].textContent = orientation?.[side] ?? "";
    panel.letters[side].hidden = !orientation?.[side];
  }
}

/** Bring the values, the pressed buttons and the image's name up to date. */
export function showState(panel, { voi, invert, zoom, fitted, presetIndex }) {
  const width = Math.round(voi.width);
  const level = Math.round(voi.centre);
  const percent = zoom < 0.1 ? (zoom * 100).toFixed(1) : Math.round(zoom * 100);
  const turned = invert ? " · inverted" : "";
  panel.values.textContent =
    `W ${width}  L ${level}${turned}\n${fitted ? "fit " : ""}${percent} %`;
  const pressed = { invert, fit: fitted, [`preset-${presetIndex + 1}`]: true };
  for (const button of panel.tools.children) {
    const { action } = button.dataset;
    if (action === "invert" || action.startsWith("preset-")) {
      button.setAttribute("aria-pressed", String(Boolean(pressed[action])));
    }
  }
  panel.canvas.setAttribute(
    "aria-label",
    `Chest radiograph, window ${width}, level ${level}, zoom ${percent} percent` +
      (invert ? ", inverted" : ""),
  );
}

/** Show a sentence over the image, with a way out; an empty one hides it. */
export function showNotice(panel, sentence, { retry, link } = {}) {
  panel.notice.replaceChildren();
  if (!sentence) return;
  panel.notice.append(make("p", "", sentence));
  if (retry) {
    const button = make("button", "button", "Try again");
    button.type = "button";
    button.addEventListener("click", retry);
    panel.notice.append(button);
  }
  if (link) {
    const anchor = make("a", "button", link.text);
    anchor.href = link.href;
    panel.notice.append(anchor);
  }
}
