/* The light box: one radiograph or several side by side, and the tools below them.
 *
 * It knows nothing of grading: keys reach it as actions, by name. Events:
 *
 * "shown"     first paint of the whole frame of the first radiograph of this case
 * "preview"   first paint of its preview
 * "changed"   after each change of a picture; detail: its state, `tool`, `pane`
 * "failed"    the first radiograph cannot be had; detail: the error
 *
 * and for popout.js: "hung", "painted" (detail: pane), "arranged", "blanked".
 */

import { pictureAction } from "./actions.js";
import { imagePoint } from "./geometry.js";
import { make } from "./overlay.js";
import { toStored } from "./orientation.js";
import { Pane } from "./pane.js";
import { connectPointer } from "./pointer.js";
import { Preparations } from "./preparations.js";
import { speaker } from "./words.js";
import { Toolbar } from "./toolbar.js";

// A drag over this many CSS pixels changes the width by a factor of e and moves the
// level by one width.
const DRAG_SPAN = 400;
// Shorter lines are clicks.
const SHORTEST_LINE = 3;
const MOST_AT_ONCE = 3;

export class Lightbox extends EventTarget {
  /** root: the element to build in. keyOf: action -> name of its key, for tooltips.
   *
   * signInUrl: where to sign in again, or a function that gives it.
   * words: the page's own words, see words.js. renderer: "auto", "gl" or "canvas".
   * hasTools: whether there are buttons.
   */
  constructor(root, options = {}) {
    super();
    const { keyOf = () => "", signInUrl = "", words = {} } = options;
    const { renderer = "auto", hasTools = true } = options;
    this.root = root;
    this.say = speaker(words);
    this.paneOptions = {
      say: this.say,
      signInUrl,
      choice: renderer,
      align: () => this.alignment(),
    };
    this.area = make("div", "viewer-panes");
    root.replaceChildren(this.area);
    this.toolbar = hasTools
      ? new Toolbar(root, { say: this.say, keyOf, onAction: (name) => this.act(name) })
      : null;
    this.panes = [];
    this.preparations = new Preparations((index) => this.paneAt(index));
    this.loadings = [];
    this.modes = { loupe: false, measuring: false };
    this.lightboxActions = this.actionTable();
    this.arrange([0], 0, { isQuiet: true });
    window.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.modes.measuring) this.act("length");
    });
  }

  // --- Hanging ---

  /** Hang radiographs, the first of which is the one that is read. */
  show(loadings) {
    this.loadings = [...loadings];
    this.modes = { loupe: false, measuring: false };
    const indices = [...loadings.keys()];
    const beside = indices.filter((index) => loadings[index].label !== "prior");
    const shown = [...new Set([0, ...beside])].slice(0, MOST_AT_ONCE);
    this.arrange(shown, 0, { isQuiet: true });
    loadings.forEach((loading, index) => {
      this.paneAt(index).hang(loading, this.preparations.take(loading));
    });
    this.panes.slice(loadings.length).forEach((pane) => pane.hang(null));
    this.emit("hung");
    this.update();
  }

  /** Make ready what will be shown next, as soon as it is here. */
  prepare(loadings) {
    this.preparations.add(loadings);
  }

  paneAt(index) {
    while (this.panes.length <= index) this.addPane();
    return this.panes[index];
  }

  addPane() {
    const index = this.panes.length;
    const pane = new Pane(this.area, this.paneOptions);
    this.panes.push(pane);
    pane.stage.hidden = !this.visible?.includes(index);
    for (const kind of ["preview", "full"]) {
      pane.addEventListener(kind, () => this.hasPainted(index, kind));
    }
    pane.addEventListener("failed", ({ detail }) => {
      this.update();
      // What hangs beside the radiograph that is read says so itself.
      if (index === 0) this.emit("failed", detail);
    });
    pane.stage.addEventListener("focusin", () => this.activate(index));
    connectPointer(pane.stage, this.pointerTools(pane, index));
  }

  hasPainted(index, kind) {
    this.update();
    if (index === 0) this.emit(kind === "full" ? "shown" : "preview");
    this.emit("painted", { pane: index });
  }

  // --- Which panes are seen, and which is active ---

  /** Show panes by their indices, in this order; one of them is active. */
  arrange(visible, active, { isQuiet = false } = {}) {
    this.visible = visible;
    this.active = visible.includes(active) ? active : visible[0];
    this.paneAt(Math.max(...visible));
    this.area.dataset.count = visible.length;
    this.panes.forEach((pane, index) => {
      pane.stage.hidden = !visible.includes(index);
      pane.stage.style.order = visible.indexOf(index);
    });
    this.update();
    if (!isQuiet) this.emit("arranged");
  }

  activate(index) {
    if (index !== this.active) this.arrange(this.visible, index);
  }

  get pane() {
    return this.panes[this.active];
  }

  get priors() {
    return [...this.loadings.keys()].filter(
      (index) => index && this.loadings[index].label === "prior",
    );
  }

  swapPrior() {
    const { priors, visible } = this;
    if (!priors.length) return;
    const place = priors.findIndex((prior) => visible.includes(prior));
    const prior = priors[place];
    if (place < 0) this.arrange([0, priors[0]], 0);
    else if (visible[0] === 0) this.arrange([prior, 0], this.active);
    else this.arrange([0, priors[(place + 1) % priors.length]], 0);
  }

  nextPane() {
    const place = this.visible.indexOf(this.active);
    this.activate(this.visible[(place + 1) % this.visible.length]);
  }

  solo() {
    if (this.visible.length > 1) {
      this.company = this.visible;
      this.arrange([this.active], this.active);
    } else if (this.company?.includes(this.active) && this.loadings.length > 1) {
      this.arrange(this.company, this.active);
    }
  }

  alignment() {
    if (this.visible.length > 1) return "center";
    return getComputedStyle(this.root).getPropertyValue("--viewer-align").trim();
  }

  // --- Actions ---

  /** Do a named action; returns false when there is none of that name. */
  act(name) {
    const ofPicture = pictureAction(name);
    const { pane } = this;
    if (ofPicture) {
      const [tool, change] = ofPicture;
      if (pane.picture?.view) {
        change(pane.picture, pane.canvas, pane.ratio);
        this.hasChanged(pane, tool);
      }
      return true;
    }
    if (!Object.hasOwn(this.lightboxActions, name)) return false;
    this.lightboxActions[name]();
    return true;
  }

  actionTable() {
    return {
      "loupe": () => this.setLoupe(!this.modes.loupe),
      "loupe-on": () => this.setLoupe(true),
      "loupe-off": () => this.setLoupe(false),
      "length": () => this.setMeasuring(!this.modes.measuring),
      "next-pane": () => this.rearranged(() => this.nextPane()),
      "swap-prior": () => this.rearranged(() => this.swapPrior()),
      "solo": () => this.rearranged(() => this.solo()),
    };
  }

  rearranged(change) {
    change();
    this.tell(this.pane, "other");
  }

  setLoupe(isOn) {
    if (isOn === this.modes.loupe) return;
    this.modes.loupe = isOn;
    const { pane } = this;
    const { clientWidth, clientHeight } = pane.stage;
    const middle = { x: clientWidth / 2, y: clientHeight / 2 };
    for (const each of this.panes) each.magnify(null);
    const under = this.panes.find((each) => each.pointer);
    if (isOn) (under ?? pane).magnify((under ?? pane).pointer ?? middle);
    this.hasNewMode("loupe");
  }

  setMeasuring(isOn) {
    this.modes.measuring = isOn;
    if (!isOn) this.wipeLines();
    this.hasNewMode("length");
  }

  wipeLines() {
    for (const pane of this.panes) {
      if (pane.picture) pane.picture.line = null;
      pane.refresh();
    }
  }

  hasNewMode(tool) {
    this.update();
    this.emit("arranged");
    this.tell(this.pane, tool);
  }

  pointerTools(pane, index) {
    const picture = (change, tool) => {
      if (!pane.picture?.view) return;
      change(pane.picture, pane.canvas, pane.ratio);
      this.hasChanged(pane, tool);
    };
    return {
      window: (right, down) =>
        picture((of) => of.shiftWindow(down / DRAG_SPAN, right / DRAG_SPAN), "window"),
      pan: (right, down) =>
        picture((of, canvas, ratio) => of.pan(right * ratio, down * ratio, canvas), "pan"),
      zoom: (factor, x, y) => {
        if (this.modes.loupe) {
          pane.loupe.turnBy(factor);
          pane.showLoupe();
          return;
        }
        picture(
          (of, canvas, ratio) => of.zoomTo(of.zoom * factor, x * ratio, y * ratio, canvas),
          "zoom",
        );
      },
      measures: () => this.modes.measuring,
      measure: (from, to) => picture((of, _, ratio) => setLine(of, from, to, ratio), "length"),
      hover: (place) => {
        pane.pointer = place;
        if (this.modes.loupe) pane.magnify(place);
      },
      touch: () => this.activate(index),
      solo: () => this.act("solo"),
    };
  }

  // --- Telling ---

  hasChanged(pane, tool) {
    pane.refresh();
    this.update();
    this.tell(pane, tool);
  }

  tell(pane, tool, further = {}) {
    if (!pane.picture?.view) return;
    const index = this.panes.indexOf(pane);
    this.emit("changed", { ...this.stateOf(pane), tool, pane: index, ...further });
  }

  emit(name, detail = null) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /** The window, zoom and turn of the active picture; null while there is none. */
  get state() {
    return this.stateOf(this.pane);
  }

  stateOf({ picture, loading }) {
    if (!picture?.view) return null;
    const { voi, invert, fitted, presetIndex, turn, view } = picture;
    const place = { scale: view.scale, x: view.x, y: view.y };
    const { loupe, measuring } = this.modes;
    return {
      voi, invert, fitted, presetIndex, ...turn, zoom: view.scale, view: place,
      label: loading?.label, loupe, measuring,
    };
  }

  update() {
    const { root, pane, panes, visible, active } = this;
    panes.forEach(({ stage }, index) => {
      stage.toggleAttribute("data-active", index === active && visible.length > 1);
      stage.toggleAttribute("data-measuring", this.modes.measuring);
    });
    root.dataset.state = panes[0].stage.dataset.state;
    const presets = pane.picture?.presets ?? [];
    this.toolbar?.update({ presets, offers: this.offers(), pressed: this.pressed() });
  }

  offers() {
    const isCompany = this.loadings.length > 1;
    return new Set([
      ...(this.priors.length ? ["swap-prior"] : []),
      ...(isCompany ? ["next-pane", "solo"] : []),
    ]);
  }

  pressed() {
    const { picture } = this.pane;
    const { loupe, measuring } = this.modes;
    const at = picture?.presetIndex ?? -1;
    const marks = {
      [`preset-${at + 1}`]: true,
      "auto-window": Boolean(picture?.presets[at]?.isAuto),
      "fit": picture?.fitted,
      "actual-size": picture?.view?.scale === 1,
      "invert": picture?.invert,
      "loupe": loupe,
      "length": measuring,
      "swap-prior": this.priors.some((prior) => this.visible.includes(prior)),
      "solo": this.visible.length === 1,
    };
    return new Set(Object.keys(marks).filter((name) => marks[name]));
  }

  // --- Pauses, and the other window ---

  /** Hide the pictures for a pause, or show them again as they were. */
  blank(isBlank) {
    this.root.toggleAttribute("data-blank", isBlank);
    this.area.inert = isBlank;
    if (this.toolbar) this.toolbar.element.inert = isBlank;
    this.emit("blanked", { isBlank });
  }

  get isBlank() {
    return this.root.hasAttribute("data-blank");
  }

  /** How a pane's picture stands, for a light box in another window; null if empty. */
  standing(index) {
    const pane = this.panes[index];
    return pane?.picture?.view ? pane.picture.standing(pane.canvas) : null;
  }

  /** Let a pane's picture stand as in another window; `tool` changed it there. */
  adopt(index, standing, tool = null) {
    const pane = this.panes[index];
    if (!pane?.picture?.view) return;
    pane.picture.adopt(standing, pane.canvas);
    pane.refresh();
    this.update();
    if (tool) this.tell(pane, tool, { isRemote: true });
  }

  /** Take over from another window which panes are seen and what is switched on. */
  adoptArrangement({ visible, active, loupe, measuring }) {
    if (this.modes.measuring && !measuring) this.wipeLines();
    this.modes = { loupe, measuring };
    if (!loupe) for (const pane of this.panes) pane.magnify(null);
    this.arrange(visible, active, { isQuiet: true });
  }
}

function setLine(picture, from, to, ratio) {
  const stored = ({ x, y }) => {
    const point = imagePoint(picture.view, picture.image, x * ratio, y * ratio);
    return toStored(point, picture.grid, picture.turn);
  };
  const isClick = Math.hypot(to.x - from.x, to.y - from.y) < SHORTEST_LINE;
  picture.line = isClick ? null : { from: stored(from), to: stored(to) };
}
