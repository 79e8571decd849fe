/* Open a radiograph larger: <a href="PICTURE" data-larger="WORDS"> and <dialog id="larger">.
 *
 * Without a script the link leads to the picture. Arrow keys step through the page. */

const dialog = document.getElementById("larger");
const picture = dialog?.querySelector("img");
let place = 0;

const links = () => [...document.querySelectorAll("a[data-larger]")];

function show(number) {
  const all = links();
  place = (number + all.length) % all.length;
  const link = all[place];
  picture.src = link.href;
  picture.alt = `Radiograph of ${link.dataset.larger}`;
  dialog.querySelector("h2").textContent = link.dataset.larger;
  if (!dialog.open) dialog.showModal();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-larger]");
  if (!dialog || !link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  show(links().indexOf(link));
});

dialog?.addEventListener("click", ({ target }) => {
  if (target === dialog) dialog.close();
  if (target.dataset.step) show(place + Number(target.dataset.step));
});

dialog?.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step) return;
  event.preventDefault();
  show(place + step);
});

dialog?.addEventListener("close", () => {
  picture.removeAttribute("src");
  links()[place]?.focus();
});
