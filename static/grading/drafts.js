/* Drafts: what the reader has chosen and typed, before it is submitted.
 *
 * Each change is kept in this browser at once and sent a moment later; only the
 * newest state is sent, one request at a time. Event "state": {name, sentence, at}
 * with name unsaved, saved, retrying, offline, signed-out or refused.
 */

import { Patience, send } from "./send.js";

const QUIET_MS = 400;

export class Drafts extends EventTarget {
  /** activeMs: function giving the active reading time so far. */
  constructor({ slot, url, csrfToken, store, activeMs }) {
    super();
    Object.assign(this, { url, csrfToken, store, activeMs });
    this.name = `draft.${slot}`;
    this.patience = new Patience();
    this.changes = 0;
    this.stopped = false;
  }

  /** Return what this browser kept of the slot, or null. */
  kept() {
    return this.store.read(this.name);
  }

  /** Keep times besides the draft: {shown_at} and the like. */
  note(facts) {
    this.store.write(this.name, { ...this.kept(), ...facts });
  }

  /** Take the form's new state. */
  change({ letter, comment }) {
    if (this.stopped) return;
    this.latest = { letter, comment };
    this.changes += 1;
    this.note({ letter, comment, active_ms: this.activeMs(), unsaved: true });
    this.tell("unsaved");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.push(), QUIET_MS);
  }

  /** Send what is unsent, now: the page is being left. */
  flush() {
    if (this.stopped || !this.latest || !this.kept()?.unsaved) return;
    clearTimeout(this.timer);
    const content = { ...this.latest, active_ms: this.activeMs() };
    send("PUT", this.url, content, { csrfToken: this.csrfToken, keepalive: true });
  }

  /** Send no more drafts: the grade itself is on its way.
   *
   * One that is under way may still arrive; the server drops drafts of graded slots.
   */
  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** Take drafts again after a refused grade. */
  restart() {
    this.stopped = false;
  }

  /** Forget the slot: the server has its grade. */
  forget() {
    this.stop();
    this.store.remove(this.name);
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
    const content = { ...this.latest, active_ms: this.activeMs() };
    const { csrfToken } = this;
    const result = await send("PUT", this.url, content, { csrfToken });
    if (this.stopped) return false;
    if (result.outcome === "accepted") {
      this.patience.reset();
      if (sent !== this.changes) return true;
      this.note({ unsaved: false });
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
