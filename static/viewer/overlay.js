/* What stands over the image of a pane: values, letters, badge, notices. DOM only. */

import { turnedLetters } from "./orientation.js";

const SIDES = ["left", "right", "top", "bottom"];

/** Make an element with a class and a text. */
export function make(tag, className, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

export class Overlay {
  constructor(stage, canvas, say) {
    this.say = say;
    this.values = make("p", "viewer-values");
    this.badge = make("p", "viewer-badge");
    this.label = make("p", "viewer-label");
    this.notice = make("div", "viewer-notice");
    this.notice.setAttribute("role", "status");
    this.letters = SIDES.map((side) => make("span", `viewer-letter viewer-letter-${side}`));
    stage.append(this.values, this.badge, this.label, ...this.letters, this.notice);
    this.name(canvas, say("radiograph"));
  }

  /** Bring everything up to date with a picture, or with its preview. */
  show(picture, canvas, isFull) {
    const { say } = this;
    const { voi, invert, turn, fitted } = picture;
    const width = Math.round(voi.width);
    const level = Math.round(voi.centre);
    const percent = picture.zoom * 100;
    const zoom = percent < 10 ? percent.toFixed(1) : Math.round(percent);
    this.values.textContent = [
      [say("values", { width, level }), invert && say("inverted")],
      [say(fitted ? "zoom-fit" : "zoom", { zoom })],
      isFull ? [] : [say("preview")],
    ].map((line) => line.filter(Boolean).join(" · ")).join("\n").trimEnd();
    const turned = turnInWords(turn, say);
    this.badge.textContent = turned;
    this.badge.hidden = !turned;
    const letters = turnedLetters(picture.meta.orientation, turn);
    SIDES.forEach((side, at) => {
      this.letters[at].textContent = letters[side] ?? "";
      this.letters[at].hidden = !letters[side];
    });
    const name = say("radiograph");
    const state = say("state", { name, width, level, zoom });
    const further = [invert && say("inverted"), turned].filter(Boolean);
    this.name(canvas, [state, ...further].join(", "));
  }

  /** Take everything away that belongs to a picture. */
  clear(canvas) {
    this.values.textContent = this.badge.textContent = "";
    for (const hidden of [this.badge, ...this.letters]) hidden.hidden = true;
    this.name(canvas, this.say("radiograph"));
  }

  name(canvas, words) {
    canvas.setAttribute("aria-label", words);
  }

  /** Show a sentence over the image, with a way out; an empty one hides it. */
  tell(sentence, { retry, signInUrl } = {}) {
    this.notice.replaceChildren();
    if (!sentence) return;
    this.notice.append(make("p", "", sentence));
    if (retry) {
      const button = make("button", "button", this.say("retry"));
      button.type = "button";
      button.addEventListener("click", retry);
      this.notice.append(button);
    }
    if (signInUrl) {
      const link = make("a", "button", this.say("sign-in"));
      link.href = signInUrl;
      this.notice.append(link);
    }
  }
}

function turnInWords({ rotation, flipped }, say) {
  const words = [
    rotation && say("rotated", { degrees: rotation }),
    flipped && say("flipped"),
  ];
  return words.filter(Boolean).join(", ");
}
