/* Taking back the grade that was submitted last, for as long as the protocol allows.
 *
 * The server decides; here is only known whether it is worth asking. The grade counts
 * until a new one is submitted.
 */

import { send } from "./send.js";

export class Undo {
  constructor({ store, csrfToken, seconds }) {
    Object.assign(this, { store, csrfToken, seconds });
    this.pending = store.read("undo");
  }

  /** The grade that the server stored last, {page, submitted_at, ...}, or null. */
  get last() {
    return this.store.read("last");
  }

  /** A page is submitted: from now on its grade is the one to take back. */
  expect(page) {
    const { name, urls } = page;
    const until = Date.now() + this.seconds * 1000;
    this.keep({ page: name, url: urls.undoUrl, until });
  }

  /** The server has it; the time runs from then, by this computer's clock. */
  accepted({ page }) {
    if (this.pending?.page !== page) return;
    this.keep({ ...this.pending, until: Date.now() + this.seconds * 1000 });
  }

  forget(page) {
    if (this.pending?.page === page) this.keep(null);
  }

  keep(pending) {
    this.pending = pending;
    if (pending) this.store.write("undo", pending);
    else this.store.remove("undo");
  }

  get possible() {
    return Boolean(this.seconds && this.pending && Date.now() < this.pending.until);
  }

  /** Ask for it; resolves to {url} of the page to read again, or to what hindered it. */
  async take(pending) {
    const { csrfToken } = this;
    const result = await send("POST", pending.url, {}, { csrfToken });
    if (result.outcome === "accepted") {
      this.forget(pending.page);
      return { url: result.body.url };
    }
    if (result.outcome === "refused") this.forget(pending.page);
    const said = { later: "retrying", paused: "refused" };
    const name = said[result.outcome] ?? result.outcome;
    return { name, sentence: result.sentence };
  }
}
