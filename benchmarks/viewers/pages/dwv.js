/* dwv with its window tool, defaults throughout. */

import { App, AppOptions, ToolConfig, ViewConfig } from "dwv";
import { fail, hasPicture, painted } from "./probe.js";

const film = new URLSearchParams(location.search).get("film");
const stage = document.getElementById("stage");
const group = document.createElement("div");
group.id = "layerGroup0";
group.className = "layerGroup";
stage.append(group);

const options = new AppOptions({ "*": [new ViewConfig("layerGroup0")] });
options.tools = { WindowLevel: new ToolConfig() };
const app = new App();
app.init(options);
app.addEventListener("error", (event) => fail(event.error));
app.addEventListener("loadend", () => app.setTool("WindowLevel"));
app.addEventListener("renderend", async () => {
  if (window.bench.shown) return;
  const now = await painted();
  if (hasPicture(stage)) window.bench.shown ??= now;
});
window.bench.engine = "Canvas 2-D";
app.loadURLs([`/films/${film}/dicom`]);
