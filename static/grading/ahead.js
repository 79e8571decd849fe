/* The next page, fetched while this one is read, so that it can be shown at once.
 *
 * Every page ahead is fetched in the same way; nothing in it says whose report it is.
 * Where it cannot be had, the reader goes the long way, by loading the next page.
 */

const PATIENCE_MS = 15000;

/** Return a promise of the next panel (an element), or of null where none follows. */
export async function fetchPanel(url) {
  if (!url) return null;
  try {
    const response = await fetch(url, {
      credentials: "same-origin",
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (response.status !== 200) return null;
    const fragment = new DOMParser().parseFromString(await response.text(), "text/html");
    return document.adoptNode(fragment.querySelector(".reading-panel"));
  } catch {
    return null;
  }
}
