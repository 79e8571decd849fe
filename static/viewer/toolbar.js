/* The buttons below the image. DOM only: a press is an action by name. */

import { make } from "./overlay.js";

const PLACES = ["fit", "actual-size", "zoom-out", "zoom-in"];
const LOOKS = ["auto-window", "invert", "rotate", "flip-horizontal", "flip-vertical"];
const AIDS = ["loupe", "length"];
const PANES = ["swap-prior", "next-pane", "solo"];
const TOGGLES = new Set(["fit", "actual-size", "auto-window", "invert", ...AIDS, ...PANES]);
TOGGLES.delete("next-pane");

export class Toolbar {
  constructor(root, { say, keyOf, onAction }) {
    this.say = say;
    this.keyOf = keyOf;
    this.onAction = onAction;
    this.element = make("div", "viewer-tools");
    this.element.setAttribute("role", "group");
    this.element.setAttribute("aria-label", say("tools"));
    root.append(this.element);
    this.shownKey = null;
  }

  /** Show the buttons for a picture's presets and the number and kind of panes. */
  update(state) {
    const labels = (state.presets ?? [])
      .filter((preset) => !preset.isAuto)
      .map((preset, index) => this.labelOf(preset, index));
    const panes = PANES.filter((name) => state.offers.has(name));
    const key = JSON.stringify([labels, panes]);
    if (key !== this.shownKey) {
      this.shownKey = key;
      this.build(labels, panes);
    }
    for (const button of this.element.querySelectorAll("[aria-pressed]")) {
      const isPressed = state.pressed.has(button.dataset.action);
      button.setAttribute("aria-pressed", String(isPressed));
    }
  }

  build(labels, panes) {
    const presets = labels.map((label, index) =>
      this.button(`preset-${index + 1}`, label, this.say("window", { label })),
    );
    const group = (...buttons) => {
      const span = make("span", "viewer-tool-group");
      span.append(...buttons);
      return span;
    };
    const named = (names) => names.map((name) => this.button(name));
    this.element.replaceChildren(
      group(...named(PLACES)),
      group(...presets, ...named(LOOKS.slice(0, 2))),
      group(...named(LOOKS.slice(2))),
      group(...named(AIDS)),
      ...(panes.length ? [group(...named(panes))] : []),
      group(...named(["reset"])),
    );
  }

  button(action, label = this.say(action), name = this.titleOf(action)) {
    const button = make("button", "viewer-tool", label);
    button.type = "button";
    button.dataset.action = action;
    const key = this.keyOf(action);
    button.title = `${name || label}${key ? ` (${key})` : ""}`;
    if (name) button.setAttribute("aria-label", name);
    const isToggle = TOGGLES.has(action) || action.startsWith("preset-");
    if (isToggle) button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => this.onAction(action));
    return button;
  }

  titleOf(action) {
    const word = `${action}-title`;
    const title = this.say(word);
    return title === word ? "" : title;
  }

  /* A file's own name of a window, or its number; the server's numbers are English. */
  labelOf({ label }, index) {
    const numbered = /^(Window|Table) (\d+)$/.exec(label ?? "");
    if (label && !numbered) return label;
    const word = numbered?.[1] === "Table" ? "table-number" : "window-number";
    return this.say(word, { number: numbered?.[2] ?? index + 1 });
  }
}
