/* Fetches what the viewer shows: the description (JSON) and the frame.
 *
 * The frame is uint16, little-endian, row by row; the browser has undone the gzip
 * by the time it is read here. Trouble on the way (network, busy server) is tried
 * again a few times; what trying cannot mend is a LoadError at once.
 */

const PAUSES_MS = [500, 2000, 5000];

/** The image could not be had; the message is for the reader. */
export class LoadError extends Error {
  constructor(message, { lasting = false, signedOut = false } = {}) {
    super(message);
    this.lasting = lasting;
    this.signedOut = signedOut;
  }
}

/** Return {meta, frame}; frame as canvas2d.js takes it.
 *
 * onProgress gets the share of the frame that has arrived, 0..1.
 */
export async function loadRadiograph(metaUrl, frameUrl, onProgress = () => {}) {
  const meta = await persistently(async () => (await request(metaUrl)).json());
  const frame = await persistently(async () => {
    const response = await request(frameUrl);
    return readFrame(response, meta, onProgress);
  });
  return { meta, frame };
}

async function persistently(attempt) {
  for (const pause of PAUSES_MS) {
    try {
      return await attempt();
    } catch (error) {
      if (error.lasting) throw error;
      await new Promise((resume) => setTimeout(resume, pause));
    }
  }
  return attempt();
}

async function request(url) {
  let response;
  try {
    response = await fetch(url, { redirect: "manual", credentials: "same-origin" });
  } catch {
    throw new LoadError("The radiograph could not be fetched. Is the network up?");
  }
  const redirected = response.type === "opaqueredirect";
  if (redirected || response.status === 401 || response.status === 403) {
    throw new LoadError("Your session has ended. Sign in again to see the image.", {
      lasting: true,
      signedOut: true,
    });
  }
  if (!response.ok) {
    throw new LoadError(`The server did not send the image (${response.status}).`, {
      lasting: response.status < 500 && response.status !== 429,
    });
  }
  return response;
}

async function readFrame(response, meta, onProgress) {
  const { rows, columns } = meta;
  const bytes = new Uint8Array(rows * columns * 2);
  let received = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await nextChunk(reader);
    if (done) break;
    if (received + value.length > bytes.length) {
      throw new LoadError("The image is larger than announced.", { lasting: true });
    }
    bytes.set(value, received);
    received += value.length;
    onProgress(received / bytes.length);
  }
  if (received < bytes.length) {
    throw new LoadError("The image arrived incomplete.");
  }
  // Typed arrays follow the machine; every machine a browser runs on today is
  // little-endian, as the frame is.
  const pixels = new Uint16Array(bytes.buffer);
  const { spacing } = meta;
  return {
    pixels,
    rows,
    columns,
    padding: Boolean(meta.padding),
    aspect: spacing ? spacing.row_mm / spacing.column_mm : 1,
    maximum: largest(pixels),
  };
}

async function nextChunk(reader) {
  try {
    return await reader.read();
  } catch {
    throw new LoadError("The image arrived incomplete.");
  }
}

function largest(pixels) {
  let found = 0;
  for (let at = 0; at < pixels.length; at += 1) {
    if (pixels[at] > found) found = pixels[at];
  }
  return found;
}
