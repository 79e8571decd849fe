/* One request to the server, and what its outcome means for the reader.
 *
 * Outcomes: "accepted" (the server has it), "later" (trouble on the way, try again
 * unchanged), "signed-out" (the session has ended), "paused" (nobody may read now; try
 * again unchanged), "refused" (trying again is of no use). `sentence` says why.
 */

import { filled, section } from "./words.js";

const PATIENCE_MS = 15000;
const PAUSES_MS = [1000, 2000, 4000, 8000, 15000];
const TRY_AGAIN = new Set([408, 425, 429]);

const words = section("send");

/** Send JSON; resolves to {outcome, status, body, sentence}, never rejects. */
export async function send(method, url, content, { csrfToken, keepalive = false }) {
  try {
    const response = await fetch(url, {
      method,
      body: JSON.stringify(content),
      headers: {
        "Content-Type": "application/json",
        Accept: "application/json",
        "X-CSRFToken": csrfToken,
      },
      credentials: "same-origin",
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE_MS),
      keepalive,
    });
    return await judge(response);
  } catch {
    return { outcome: "later", status: 0, body: null, sentence: "" };
  }
}

async function judge(response) {
  const { status } = response;
  const json = response.headers.get("Content-Type")?.includes("json");
  const body = json ? await response.json() : null;
  const result = (outcome, sentence = "") => ({ outcome, status, body, sentence });
  if (response.ok && (json || status === 204)) return result("accepted");
  // A redirect leads to the sign-in page.
  if (response.type === "opaqueredirect" || status === 401 || status === 403) {
    return result("signed-out");
  }
  // A page instead of JSON comes from something in between, not from the server.
  if (response.ok || status >= 500 || TRY_AGAIN.has(status)) return result("later");
  const detail = typeof body?.detail === "string" ? body.detail : "";
  if (body?.reason === "paused") return result("paused", detail);
  const fallback = words[status] ?? filled(words.other, { status });
  return result("refused", detail || fallback);
}

/** Pauses between tries: growing, cut short when the network or the reader returns. */
export class Patience {
  constructor() {
    this.failures = 0;
  }

  reset() {
    this.failures = 0;
  }

  /** Resolve when it is time for the next try. */
  wait() {
    const pause = PAUSES_MS[Math.min(this.failures, PAUSES_MS.length - 1)];
    this.failures += 1;
    return new Promise((resume) => {
      const go = () => {
        clearTimeout(timer);
        window.removeEventListener("online", go);
        document.removeEventListener("visibilitychange", go);
        resume();
      };
      const timer = setTimeout(go, pause);
      window.addEventListener("online", go);
      document.addEventListener("visibilitychange", go);
    });
  }
}
