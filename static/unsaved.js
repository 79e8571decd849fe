/* Ask before a page is left on which a form marked data-guarded was changed but not
 * sent, also when it is left by sending another form. data-guarded="refused" marks a
 * form that was sent and not stored. */

const guarded = [...document.querySelectorAll("form[data-guarded]")];
const written = (form) => new URLSearchParams(new FormData(form)).toString();
const stored = new Map(
  guarded.map((form) => [form, form.dataset.guarded === "refused" ? "" : written(form)]),
);
let sent = null;

document.addEventListener("submit", ({ target }) => {
  sent = target;
});

window.addEventListener("beforeunload", (event) => {
  const isUnsaved = (form) => form !== sent && written(form) !== stored.get(form);
  if (guarded.some(isUnsaved)) event.preventDefault();
});
