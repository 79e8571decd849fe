/* Ctrl+Enter (or Cmd+Enter) in a text field marked data-sends sends its form. */

document.addEventListener("keydown", (event) => {
  const isAsked = event.key === "Enter" && (event.ctrlKey || event.metaKey);
  if (!isAsked || event.isComposing || event.repeat) return;
  const field = event.target.closest("textarea[data-sends]");
  if (!field) return;
  event.preventDefault();
  field.form.requestSubmit();
});
