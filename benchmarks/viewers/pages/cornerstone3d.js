/* Cornerstone3D with its stack viewport and window tool, defaults throughout. */

import {
  Enums,
  RenderingEngine,
  getShouldUseCPURendering,
  init,
} from "@cornerstonejs/core";
import { init as initLoader } from "@cornerstonejs/dicom-image-loader";
import {
  Enums as ToolEnums,
  ToolGroupManager,
  WindowLevelTool,
  addTool,
  init as initTools,
} from "@cornerstonejs/tools";
import { fail, hasPicture, painted } from "./probe.js";

const film = new URLSearchParams(location.search).get("film");
const element = document.getElementById("stage");

async function show() {
  await init();
  await initLoader({ maxWebWorkers: 1, wasmBasePath: "/built/cornerstone3d/" });
  await initTools();
  const engine = new RenderingEngine("bench");
  const type = Enums.ViewportType.STACK;
  engine.enableElement({ viewportId: "film", type, element });
  const viewport = engine.getViewport("film");
  addTool(WindowLevelTool);
  const tools = ToolGroupManager.createToolGroup("bench");
  tools.addTool(WindowLevelTool.toolName);
  tools.addViewport("film", "bench");
  const bindings = [{ mouseButton: ToolEnums.MouseBindings.Primary }];
  tools.setToolActive(WindowLevelTool.toolName, { bindings });

  // The first of these events is for the viewport without an image.
  element.addEventListener(Enums.Events.IMAGE_RENDERED, async () => {
    if (window.bench.shown || !viewport.getImageData()) return;
    const now = await painted();
    if (hasPicture(element)) window.bench.shown ??= now;
  });
  await viewport.setStack([`wadouri:/films/${film}/dicom`]);
  viewport.render();
  window.bench.engine = getShouldUseCPURendering() ? "CPU" : "WebGL";
}

show().catch(fail);
