/* Notices that a reader has moved to another screen since the last display check.
 *
 * The page names the screen that was checked in <meta name="checked-screen">, as
 * "width x height x colour depth", and where to go in <meta name="display-check">.
 */

/** Name this screen as the server does; see pattern.py. */
function thisScreen() {
  return `${screen.width}x${screen.height}x${screen.colorDepth}`;
}

function content(name) {
  return document.querySelector(`meta[name="${name}"]`)?.content ?? "";
}

const checked = content("checked-screen");
const checkUrl = content("display-check");
if (checked && checkUrl && checked !== thisScreen()) {
  location.replace(`${checkUrl}?screen`);
}
