/* The next page, fetched while this one is read, so that it can be shown at once.
 *
 * As a rule it comes along with the answer to the grade before, which saves a request.
 * Every page ahead is fetched in the same way; nothing in it says whose report it is.
 * Where it cannot be had, the reader goes the long way, by loading the next page.
 */

const PATIENCE_MS = 15000;

/** Return the panel (an element) in a page that was sent as HTML, or null. */
export function panelIn(html) {
  const fragment = new DOMParser().parseFromString(html, "text/html");
  return document.adoptNode(fragment.querySelector(".reading-panel"));
}

/** Return a promise of the next panel, or of null where none follows. */
export async function fetchPanel(url) {
  if (!url) return null;
  try {
    const response = await fetch(url, {
      credentials: "same-origin",
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (response.status !== 200) return null;
    return panelIn(await response.text());
  } catch {
    return null;
  }
}
