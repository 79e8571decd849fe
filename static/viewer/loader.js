/* Fetches what the viewer shows: the description (JSON), the preview and the frame.
 *
 * Pixels are uint16, little-endian, row by row; the browser has undone the gzip by the
 * time they are read here. Trouble on the way (network, busy server) is tried again a
 * few times; what trying cannot mend is a LoadError at once.
 */

const PAUSES_MS = [500, 2000, 5000];

/** The image could not be had. `code` and `values` name a word of words.js. */
class LoadError extends Error {
  constructor(code, { values = {}, lasting = false, signedOut = false } = {}) {
    super(code);
    this.code = code;
    this.values = values;
    this.lasting = lasting;
    this.signedOut = signedOut;
  }
}

/* What early.js has begun to fetch, by the address of the frame. */
const begun = new Map();

/** Start fetching a radiograph at once; takes its label and three addresses. */
export function fetchRadiograph({ label, meta, preview, frame }) {
  const early = begun.get(frame);
  begun.delete(frame);
  return early ?? new Loading(label, { meta, preview, frame });
}

/** Start fetching what `fetchRadiograph` will be asked for soon. */
export function fetchEarly({ label, meta, preview, frame }) {
  begun.set(frame, new Loading(label, { meta, preview, frame }));
}

/** A radiograph on its way.
 *
 * `meta`, `preview` and `frame` are promises: of the description, of the small and of
 * the whole frame as canvas2d.js takes it. "progress" is dispatched as the frame comes
 * in; `share` is how much of it has, 0..1.
 */
export class Loading extends EventTarget {
  constructor(label, urls) {
    super();
    this.label = label;
    this.urls = urls;
    this.restart();
  }

  /** Fetch anew, after a failure. */
  restart() {
    this.controller = new AbortController();
    this.share = 0;
    const { meta, preview, frame } = this.urls;
    const { signal } = this.controller;
    this.meta = persistently(signal, async () => (await request(meta, signal)).json());
    this.preview = this.pixels(preview, (described) => previewGrid(described));
    this.frame = this.pixels(
      frame,
      (described) => frameGrid(described),
      (share) => this.tell(share),
    );
    // Who shows the radiograph hears of failures; a prefetch that fails is no matter.
    for (const promise of [this.meta, this.preview, this.frame]) promise.catch(() => {});
  }

  /** Stop fetching. */
  abort() {
    this.controller.abort();
  }

  pixels(url, gridOf, onProgress = () => {}) {
    const { signal } = this.controller;
    // The request is sent at once; only its answer waits for the description.
    let answer = request(url, signal);
    answer.catch(() => {});
    const { meta } = this;
    return persistently(signal, async () => {
      const first = answer;
      answer = null;
      const [response, described] = await Promise.all([
        first ?? request(url, signal),
        meta,
      ]);
      return readFrame(response, gridOf(described), onProgress);
    });
  }

  tell(share) {
    this.share = share;
    this.dispatchEvent(new Event("progress"));
  }
}

/** Return the size of the frame and of its pixels from a description. */
export function frameGrid({ rows, columns, spacing, padding }) {
  const pixelHeight = spacing ? spacing.row_mm / spacing.column_mm : 1;
  return { rows, columns, pixelWidth: 1, pixelHeight, padding: Boolean(padding) };
}

function previewGrid(meta) {
  const { pixelHeight, padding } = frameGrid(meta);
  const { rows, columns, factor } = meta.preview;
  return {
    rows, columns, pixelWidth: factor, pixelHeight: factor * pixelHeight, padding,
  };
}

async function persistently(signal, attempt) {
  for (const pause of PAUSES_MS) {
    try {
      return await attempt();
    } catch (error) {
      if (error.lasting || signal.aborted) throw error;
      await new Promise((resume) => setTimeout(resume, pause));
    }
  }
  return attempt();
}

async function request(url, signal) {
  let response;
  try {
    response = await fetch(url, { redirect: "manual", credentials: "same-origin", signal });
  } catch {
    throw new LoadError("error-network", { lasting: signal.aborted });
  }
  const redirected = response.type === "opaqueredirect";
  if (redirected || response.status === 401 || response.status === 403) {
    throw new LoadError("error-signed-out", { lasting: true, signedOut: true });
  }
  if (!response.ok) {
    throw new LoadError("error-status", {
      values: { status: response.status },
      lasting: response.status < 500 && response.status !== 429,
    });
  }
  return response;
}

async function readFrame(response, grid, onProgress) {
  const bytes = new Uint8Array(grid.rows * grid.columns * 2);
  let received = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await nextChunk(reader);
    if (done) break;
    if (received + value.length > bytes.length) {
      throw new LoadError("error-larger", { lasting: true });
    }
    bytes.set(value, received);
    received += value.length;
    onProgress(received / bytes.length);
  }
  if (received < bytes.length) throw new LoadError("error-incomplete");
  // Typed arrays follow the machine; every machine a browser runs on today is
  // little-endian, as the frame is.
  const pixels = new Uint16Array(bytes.buffer);
  return { ...grid, pixels, maximum: largest(pixels) };
}

async function nextChunk(reader) {
  try {
    return await reader.read();
  } catch {
    throw new LoadError("error-incomplete");
  }
}

function largest(pixels) {
  let found = 0;
  for (let at = 0; at < pixels.length; at += 1) {
    if (pixels[at] > found) found = pixels[at];
  }
  return found;
}
