/* One tick box for all of a name: <input type="checkbox" data-chooses="NAME" hidden>.
 *
 * It is there only with a script, and half-ticked while some are chosen and some not. */

for (const all of document.querySelectorAll("input[data-chooses]")) {
  const boxes = [...all.form.elements].filter(
    (box) => box.type === "checkbox" && box.name === all.dataset.chooses,
  );
  const show = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    all.checked = chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  };
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
  });
  for (const box of boxes) box.addEventListener("change", show);
  show();
}
