/* What the viewer says, where the page gives it no words of its own.
 *
 * The page's words are made by viewer_words.py, translated; a test holds the two tables
 * together. {braces} are filled in here.
 */

export const WORDS = {
  "radiograph": "Chest radiograph",
  "frontal": "Frontal",
  "lateral": "Lateral",
  "prior": "Prior",
  "loading": "Loading the radiograph …",
  "loading-share": "Loading the radiograph … {percent} %",
  "preview": "Preview; the full resolution is on its way",
  "retry": "Try again",
  "sign-in": "Sign in",
  "values": "W {width}  L {level}",
  "zoom": "{zoom} %",
  "zoom-fit": "fit {zoom} %",
  "state": "{name}, window {width}, level {level}, zoom {zoom} percent",
  "inverted": "inverted",
  "rotated": "rotated {degrees}°",
  "flipped": "flipped",
  "tools": "Image tools",
  "fit": "Fit",
  "actual-size": "1:1",
  "actual-size-title": "One image point per screen point",
  "zoom-out": "−",
  "zoom-out-title": "Zoom out",
  "zoom-in": "+",
  "zoom-in-title": "Zoom in",
  "window": "Window: {label}",
  "window-number": "Window {number}",
  "table-number": "Table {number}",
  "auto-window": "Auto",
  "invert": "Invert",
  "rotate": "Rotate",
  "rotate-title": "Rotate by 90° clockwise",
  "flip-horizontal": "Flip ↔",
  "flip-horizontal-title": "Flip left and right",
  "flip-vertical": "Flip ↕",
  "flip-vertical-title": "Flip top and bottom",
  "loupe": "Loupe",
  "length": "Length",
  "length-title": "Measure a length; drag over the image",
  "swap-prior": "Prior",
  "swap-prior-title": "Prior beside current; again to change sides",
  "next-pane": "Next image",
  "next-pane-title": "Make the next image the active one",
  "solo": "Single",
  "solo-title": "Show the active image alone",
  "reset": "Reset",
  "length-mm": "{length} mm {note}",
  "length-pixels": "{length} pixels (no spacing known)",
  "at-detector": "at the detector plane",
  "calibrated": "calibrated",
  "error-network": "The radiograph could not be fetched. Is the network up?",
  "error-status": "The server did not send the image ({status}).",
  "error-signed-out": "Your session has ended. Sign in again to see the image.",
  "error-incomplete": "The image arrived incomplete.",
  "error-larger": "The image is larger than announced.",
  "error-other": "The radiograph could not be shown. Reload the page.",
  "window-waiting": "This window shows the radiograph of your reading page. Open it from there.",
};

/** Return a function from a word's name and what is to be filled in to the text. */
export function speaker(words = {}) {
  return (name, values = {}) => {
    const text = words[name] ?? WORDS[name] ?? name;
    return text.replace(/\{(\w+)\}/g, (brace, key) => values[key] ?? brace);
  };
}
