/* Copy what stands in a field: <button data-copy="ID OF THE FIELD" hidden>.
 *
 * The button is there only with a script; without one the field can be selected. Its
 * status element says data-copied or data-failed. */

async function copied(field) {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    // Without TLS, and where it was not allowed, there is only the older way.
    return document.execCommand("copy");
  }
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const done = await copied(document.getElementById(button.dataset.copy));
    const status = document.getElementById(button.dataset.status);
    status.textContent = done ? button.dataset.copied : button.dataset.failed;
  });
}
