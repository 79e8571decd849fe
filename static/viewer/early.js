/* Begins to fetch a page's radiographs while the scripts of the page are still coming.
 *
 * It stands before them and needs one other file. The page lists its radiographs as
 * <li data-label data-meta data-preview data-frame> in .reading-images.
 */

import { fetchEarly } from "./loader.js";

for (const item of document.querySelectorAll(".reading-images > li")) {
  fetchEarly({ ...item.dataset });
}
