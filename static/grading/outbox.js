/* The grade on its way to the server: sent until it is acknowledged, never twice.
 *
 * A submitted grade gets its idempotency key and is kept in this browser before the
 * first byte is sent. It is then sent, unchanged and under the same key, until the
 * server has answered; a reload, a crash or a second window carry on with the same
 * record. Events: "state" {name, sentence}, "accepted" with the server's answer,
 * "refused" with a sentence (the record is dropped, the form is the reader's again).
 */

import { Patience, send } from "./send.js";

/* 128 random bits. Not crypto.randomUUID, which plain http on a hospital's own
 * network does not have. */
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Outbox extends EventTarget {
  constructor({ slot, url, csrfToken, store }) {
    super();
    Object.assign(this, { slot, url, csrfToken, store });
    this.name = `grade.${slot}`;
    this.patience = new Patience();
    this.delivering = false;
  }

  /** The grade that waits for the server, or null. */
  get waiting() {
    return this.store.read(this.name)?.grade ?? null;
  }

  /** Keep a grade {letter, comment, active_ms, wall_ms} and send it.
   *
   * A grade already on its way is sent instead: a second click or a second window
   * makes no second grade.
   */
  submit(grade) {
    if (!this.waiting) {
      const record = { url: this.url, grade: { idempotency_key: newKey(), ...grade } };
      this.store.write(this.name, record);
    }
    this.deliver();
  }

  /** Send until the server has answered. */
  async deliver() {
    if (this.delivering) return;
    this.delivering = true;
    this.tell("sending");
    while (await this.deliverOnce()) {
      // The network is back, or it is time to try again.
    }
    this.delivering = false;
  }

  /* Returns true when another try is due. */
  async deliverOnce() {
    const { csrfToken, waiting } = this;
    if (!waiting) return false;
    const result = await send("POST", this.url, waiting, { csrfToken });
    switch (result.outcome) {
      case "accepted":
        this.remember(result.body);
        this.store.remove(this.name);
        this.dispatchEvent(new CustomEvent("accepted", { detail: result.body }));
        return false;
      case "later":
        this.tell(navigator.onLine ? "retrying" : "offline");
        await this.patience.wait();
        return true;
      case "signed-out":
        this.tell("signed-out", result.sentence);
        return false;
      default:
        this.store.remove(this.name);
        this.tell("refused", result.sentence);
        this.dispatchEvent(new CustomEvent("refused", { detail: result }));
        return false;
    }
  }

  /** Send once what other reports left behind: their answers were lost on the way.
   *
   * Only what the server surely has is dropped; a grade of somebody else who reads
   * at this computer stays for them.
   */
  async deliverLeftovers() {
    for (const name of this.store.names("grade.")) {
      if (name === this.name) continue;
      const { url, grade } = this.store.read(name);
      const { csrfToken } = this;
      const { outcome, status } = await send("POST", url, grade, { csrfToken });
      if (outcome === "accepted" || status === 409) {
        this.store.remove(name);
        this.store.remove(name.replace("grade.", "draft."));
      }
    }
  }

  /* The next page, and other windows, say when the last grade was stored. */
  remember({ submitted_at, next_url }) {
    this.store.write("last", { slot: this.slot, submitted_at, next_url });
  }

  tell(name, sentence = "") {
    this.dispatchEvent(new CustomEvent("state", { detail: { name, sentence } }));
  }
}
