/* Drafts: what the reader has chosen and typed, before it is submitted.
 *
 * Each change is kept in this browser at once and sent a moment later; only the
 * newest state is sent, one request at a time. Event "state": {name, sentence, at}
 * with name unsaved, saved, retrying, offline, signed-out or refused.
 */

import { Patience, send } from "./send.js";

const QUIET_MS = 400;

export class Drafts extends EventTarget {
  /** page: its name; visit: the log that goes with every draft. */
  constructor({ page, url, csrfToken, store, visit }) {
    super();
    Object.assign(this, { url, csrfToken, store, visit });
    this.name = `draft.${page}`;
    this.patience = new Patience();
    this.changes = 0;
    this.saved = 0; // how many of the changes the server has
    this.stopped = false;
  }

  /** Return what this browser kept of the page {content, unsaved}, or null. */
  kept() {
    return this.store.read(this.name);
  }

  /** Take the form's new state. */
  change(content) {
    if (this.stopped) return;
    this.latest = content;
    this.changes += 1;
    this.store.write(this.name, { content, unsaved: true });
    this.tell("unsaved");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.push(), QUIET_MS);
  }

  /** Send what is not saved yet and how long it took, now: the page is being left.
   *
   * Where everything is saved, only the time is sent: another window may hold a newer
   * draft of the page.
   */
  flush() {
    if (this.stopped) return;
    clearTimeout(this.timer);
    const { csrfToken } = this;
    const isSaved = this.saved === this.changes;
    const body = this.body(isSaved ? { times_only: true } : this.latest);
    send("PUT", this.url, body, { csrfToken, keepalive: true });
  }

  /** Send no more drafts: the grade itself is on its way.
   *
   * One that is under way may still arrive; the server drops drafts of graded pages.
   */
  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** Forget the page: the server has its grade. */
  forget() {
    this.stop();
    this.store.remove(this.name);
  }

  body(content) {
    return { ...content, visits: [this.visit.log] };
  }

  async push() {
    if (this.pushing) return;
    this.pushing = true;
    while (!this.stopped && (await this.pushOnce())) {
      // Again: something changed meanwhile, or the network was away.
    }
    this.pushing = false;
  }

  /* Returns true when another try is due. */
  async pushOnce() {
    const sent = this.changes;
    const { csrfToken } = this;
    const result = await send("PUT", this.url, this.body(this.latest), { csrfToken });
    if (this.stopped) return false;
    if (result.outcome === "accepted") {
      this.patience.reset();
      this.saved = sent;
      if (sent !== this.changes) return true;
      this.store.write(this.name, { content: this.latest, unsaved: false });
      this.tell("saved", "", new Date());
      return false;
    }
    if (result.outcome === "later") {
      this.tell(navigator.onLine ? "retrying" : "offline");
      await this.patience.wait();
      return true;
    }
    this.tell(result.outcome, result.sentence);
    return false;
  }

  tell(name, sentence = "", at = null) {
    this.dispatchEvent(new CustomEvent("state", { detail: { name, sentence, at } }));
  }
}
