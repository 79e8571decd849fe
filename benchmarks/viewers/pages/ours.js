/* Our viewer, as the reading page uses it. */

import { Viewer } from "/static/viewer/viewer.js";
import { fail, painted } from "./probe.js";

const film = new URLSearchParams(location.search).get("film");
const root = document.createElement("div");
root.className = "viewer";
document.getElementById("stage").append(root);

const viewer = new Viewer(root, {
  metaUrl: `/films/${film}/meta`,
  frameUrl: `/films/${film}/frame`,
});
viewer.addEventListener("shown", async () => {
  window.bench.shown = await painted();
  window.bench.engine = "Canvas 2-D";
});
viewer.addEventListener("failed", (event) => fail(event.detail));
viewer.load();
