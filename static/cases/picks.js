/* Select cases of a page: input[data-pick], #pick-all, and #picked, which says how many.
 *
 * Arrow keys move from box to box; Shift with a click selects all since the last one. */

const boxes = [...document.querySelectorAll("input[data-pick]")];
const all = document.getElementById("pick-all");
const said = document.getElementById("picked");
let last = 0;

function tell() {
  const count = boxes.filter((box) => box.checked).length;
  said.textContent = count ? `${count} selected.` : "";
  all.checked = count > 0 && count === boxes.length;
  all.indeterminate = count > 0 && count < boxes.length;
}

function perRow() {
  const top = boxes[0].getBoundingClientRect().top;
  const lower = boxes.findIndex((box) => box.getBoundingClientRect().top > top + 4);
  return lower < 0 ? boxes.length : lower;
}

for (const [place, box] of boxes.entries()) {
  box.addEventListener("click", (event) => {
    if (event.shiftKey) {
      const [from, to] = [Math.min(last, place), Math.max(last, place)];
      for (const each of boxes.slice(from, to + 1)) each.checked = box.checked;
    }
    last = place;
    tell();
  });
  box.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -perRow(), ArrowDown: perRow() };
    const next = boxes[place + (steps[event.key] ?? NaN)];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
}

if (all) {
  for (const part of document.querySelectorAll("[data-needs-script]")) part.hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    tell();
  });
  tell();
}
