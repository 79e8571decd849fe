/* Grades on their way to the server: sent until acknowledged, in order, never twice.
 *
 * A submitted grade gets its idempotency key and is kept in this browser before the
 * first byte is sent. It is then sent, unchanged and under the same key, until the
 * server has answered; a reload, a crash or a second window carry on with the same
 * record. The reader goes on meanwhile: several grades may wait, the oldest first.
 *
 * Events: "state" {name, sentence, waiting}, "accepted" {page, ...the server's answer},
 * "refused" {page, grade, status, sentence} (the record is dropped).
 */

import { Patience, send } from "./send.js";
import { newKey } from "./visit.js";

const PREFIX = "grade.";

export class Outbox extends EventTarget {
  constructor({ csrfToken, store }) {
    super();
    Object.assign(this, { csrfToken, store });
    this.pages = [];
    this.patience = new Patience();
    this.delivering = false;
  }

  /** The grade of a page that waits for the server, or null. */
  of(page) {
    return this.store.read(PREFIX + page)?.grade ?? null;
  }

  /** How many grades wait. */
  get waiting() {
    return this.pages.length;
  }

  /** Keep a page's grade and send it; `opens` names the page that is shown after it.
   *
   * The page behind that one is asked for with it.
   * One already on its way is sent instead: a second click or a second window makes
   * no second grade. Nothing may change in the record once it is kept.
   */
  submit({ page, url, content, opens }) {
    if (!this.of(page)) {
      const grade = { idempotency_key: newKey(), ...content, opens, ahead: true };
      this.store.write(PREFIX + page, { url, grade, at: Date.now() });
    }
    this.take(page);
  }

  /** Send the grade of a page that an earlier visit left behind. */
  take(page) {
    if (!this.pages.includes(page)) this.pages.push(page);
    this.deliver();
  }

  /** Send until the server has answered. */
  async deliver() {
    if (this.delivering) return;
    this.delivering = true;
    this.tell("sending");
    while (this.pages.length && (await this.deliverOnce())) {
      // The next one, or the network is back, or it is time to try again.
    }
    this.delivering = false;
    if (!this.pages.length) this.dispatchEvent(new CustomEvent("empty"));
  }

  /** Resolve when nothing more is being sent: all is stored, or it cannot be now. */
  async settled() {
    while (this.delivering && !this.isStuck) {
      await new Promise((resume) => {
        this.addEventListener("state", resume, { once: true });
        this.addEventListener("empty", resume, { once: true });
      });
    }
  }

  /** Resolve when no grade waits any more. */
  async emptied() {
    if (!this.waiting) return;
    await new Promise((resume) => {
      this.addEventListener("empty", resume, { once: true });
    });
  }

  /* Returns true when there is more to do. */
  async deliverOnce() {
    const [page] = this.pages;
    const record = this.store.read(PREFIX + page);
    if (!record) {
      // Another window has delivered it.
      this.pages.shift();
      return true;
    }
    const { csrfToken } = this;
    const result = await send("POST", record.url, record.grade, { csrfToken });
    switch (result.outcome) {
      case "accepted":
        this.patience.reset();
        this.drop(page);
        this.remember(page, result.body);
        this.dispatchEvent(
          new CustomEvent("accepted", { detail: { page, ...result.body } }),
        );
        return true;
      case "later":
        this.tell(navigator.onLine ? "retrying" : "offline");
        await this.patience.wait();
        return true;
      case "paused":
        // Kept as it is: it goes through when reading goes on.
        this.tell("paused", result.sentence);
        await this.patience.wait();
        return true;
      case "signed-out":
        this.tell("signed-out", result.sentence);
        return false;
      default:
        // Another thing comes first now. The reader is led to it; what was entered is
        // kept for the page that asks for it again, and so is what waits behind it.
        this.drop(page);
        if (result.body?.reason === "not_now") this.pages = [];
        this.dispatchEvent(
          new CustomEvent("refused", { detail: { page, grade: record.grade, ...result } }),
        );
        return true;
    }
  }

  drop(page) {
    this.pages = this.pages.filter((each) => each !== page);
    this.store.remove(PREFIX + page);
  }

  /** Send what other pages left behind, the oldest first, behind what waits already.
   *
   * The server takes grades in the order of the list, so they go one after the other,
   * and the rest waits where one is not taken. What is dropped is what the server has.
   */
  async deliverLeftovers() {
    await this.emptied();
    const left = this.store
      .names(PREFIX)
      .map((name) => ({ name, ...this.store.read(name) }))
      .sort((one, other) => (one.at ?? 0) - (other.at ?? 0));
    const { csrfToken } = this;
    for (const { name, url, grade } of left) {
      const page = name.slice(PREFIX.length);
      if (this.pages.includes(page)) continue;
      // What was shown then is not what is shown now.
      const again = { ...grade, opens: "", ahead: false };
      const { outcome, body } = await send("POST", url, again, { csrfToken });
      const isStored = ["graded", "changed"].includes(body?.reason);
      if (outcome !== "accepted" && !isStored) return;
      this.store.remove(name);
      this.store.remove(`draft.${page}`);
    }
  }

  /* The next page, and other windows, say when the last grade was stored. */
  remember(page, { submitted_at, undo_until, next_url }) {
    this.store.write("last", { page, submitted_at, undo_until, next_url });
  }

  tell(name, sentence = "") {
    this.isStuck = ["retrying", "offline", "paused", "signed-out"].includes(name);
    const detail = { name, sentence, waiting: this.waiting };
    this.dispatchEvent(new CustomEvent("state", { detail }));
  }
}
