/* The two requests of an upload, and what their answers mean.
 *
 * Outcomes: "accepted", "elsewhere" (the next byte that is wanted is another one),
 * "later" (the network or the server is away: the same again after a while),
 * "signed-out", "full" (the server's disk), "refused" (of no use to try again).
 */

const PATIENCE_MS = 120000;
const AWAY = new Set([408, 425, 429]);

/** The cookie's token: a new sign-in, in another tab, makes the page's own invalid. */
function token() {
  const cookie = /(?:^|;\s*)(?:__Host-)?csrftoken=([^;]+)/.exec(document.cookie);
  return cookie ? cookie[1] : document.querySelector("meta[name=csrf-token]").content;
}

async function ask(method, url, body, headers, signal) {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  let response;
  try {
    response = await fetch(url, {
      method,
      body,
      headers: { Accept: "application/json", "X-CSRFToken": token(), ...headers },
      credentials: "same-origin",
      redirect: "manual",
      signal: signal ? AbortSignal.any([signal, patience]) : patience,
    });
    const { status } = response;
    if (response.type === "opaqueredirect" || status === 401 || status === 403) {
      return { outcome: "signed-out" };
    }
    const isJson = response.headers.get("Content-Type")?.includes("json");
    const answer = isJson ? await response.json() : {};
    if (response.ok && isJson) return { outcome: "accepted", ...answer };
    if (status === 409) return { outcome: "elsewhere", ...answer };
    if (status === 507) return { outcome: "full", ...answer };
    if (status === 413) {
      return {
        outcome: "refused",
        detail:
          "Something between this browser and the site refuses pieces of this size; " +
          "INTAKE_CHUNK_BYTES must be smaller.",
      };
    }
    if (response.ok || status >= 500 || AWAY.has(status)) return { outcome: "later" };
    return { outcome: "refused", detail: answer.detail ?? `The site answered ${status}.` };
  } catch {
    return { outcome: signal?.aborted ? "stopped" : "later" };
  }
}

/** Announce files, [{name, size, mark}]; the answer's `files` are in the same order. */
export function announce(url, files) {
  return ask("POST", url, JSON.stringify({ files }), {
    "Content-Type": "application/json",
  });
}

/** Send the bytes of a file that begin at an offset. */
export function sendChunk(url, offset, bytes, signal) {
  return ask(
    "PUT",
    `${url}?offset=${offset}`,
    bytes,
    { "Content-Type": "application/octet-stream" },
    signal,
  );
}
