/* Files on their way to the server: a few at a time, chunk by chunk.
 *
 * The server knows how much of a file it has, so nothing is remembered here: after a
 * reload the same files are announced again and go on where they were.
 */

import { markOf } from "./contents.js";
import { announce, sendChunk } from "./transport.js";

const AT_ONCE = 3;
const ANNOUNCED_AT_ONCE = 500;
const PAUSES_MS = [1000, 2000, 4000, 8000, 15000];
const TROUBLES = {
  later: "The server can't be reached. This page tries again by itself.",
  "signed-out":
    "Your session has ended. Sign in again in another tab; this page then goes on.",
  full: "The server's disk is nearly full. This page tries again by itself.",
};

export class Uploads {
  /** `changed` is called after every change of what can be shown. */
  constructor({ announceUrl, chunkBytes, changed }) {
    Object.assign(this, { announceUrl, chunkBytes, changed });
    this.waiting = [];
    this.active = new Set();
    this.problems = [];
    this.known = new Set();
    this.files = { all: 0, here: 0 };
    this.bytes = { all: 0, here: 0 };
    this.trouble = "";
    this.isPaused = false;
    this.loops = 0;
    this.announcing = 0;
    this.stop = new AbortController();
  }

  get isBusy() {
    return this.waiting.length > 0 || this.active.size > 0 || this.announcing > 0;
  }

  /** Take files, [{name, file}], and begin to send what the server lacks of them. */
  async add(chosen) {
    this.announcing += 1;
    for (let start = 0; start < chosen.length; start += ANNOUNCED_AT_ONCE) {
      await this.#announce(chosen.slice(start, start + ANNOUNCED_AT_ONCE));
    }
    this.announcing -= 1;
    this.changed();
  }

  async #announce(some) {
    const files = [];
    for (const { name, file } of some) {
      files.push({ name, size: file.size, mark: await markOf(file) });
    }
    const answer = await this.#patiently(() =>
      announce(this.announceUrl, files),
    );
    if (answer.outcome === "refused") {
      for (const { name } of some) this.problems.push({ name, why: answer.detail });
      return;
    }
    answer.files.forEach((row, index) => this.#take(row, some[index].file));
    this.#work();
  }

  #take(row, file) {
    if (this.known.has(row.id)) return;
    this.known.add(row.id);
    this.files.all += 1;
    this.bytes.all += file.size;
    this.bytes.here += row.is_whole ? file.size : row.received;
    if (row.is_whole) this.files.here += 1;
    else this.waiting.push({ ...row, file });
  }

  pause() {
    this.isPaused = true;
    this.stop.abort();
    this.changed();
  }

  resume() {
    this.isPaused = false;
    this.stop = new AbortController();
    this.changed();
    this.#work();
  }

  #work() {
    while (!this.isPaused && this.loops < AT_ONCE && this.waiting.length) {
      this.loops += 1;
      this.#loop().finally(() => {
        this.loops -= 1;
        this.changed();
      });
    }
    this.changed();
  }

  async #loop() {
    while (!this.isPaused && this.waiting.length) {
      const upload = this.waiting.shift();
      this.active.add(upload);
      const why = await this.#send(upload);
      this.active.delete(upload);
      if (why === "paused") this.waiting.unshift(upload);
      else if (why) this.#fail(upload, why);
      else this.files.here += 1;
      this.changed();
    }
  }

  #fail(upload, why) {
    this.problems.push({ name: upload.name, why });
    this.known.delete(upload.id);
    this.files.all -= 1;
    this.bytes.all -= upload.file.size;
    this.bytes.here -= upload.received;
  }

  /** Send a file; resolves to "" when it is whole, else to why it is not. */
  async #send(upload) {
    while (upload.received < upload.file.size) {
      const end = Math.min(upload.received + this.chunkBytes, upload.file.size);
      let bytes;
      try {
        bytes = await upload.file.slice(upload.received, end).arrayBuffer();
      } catch {
        return "It can't be read any more: it was changed or moved. Choose it again.";
      }
      if (this.isPaused) return "paused";
      const answer = await this.#patiently(() =>
        sendChunk(upload.url, upload.received, bytes, this.stop.signal),
      );
      if (answer.outcome === "stopped") return "paused";
      if (answer.outcome === "refused") return answer.detail;
      this.bytes.here += answer.received - upload.received;
      upload.received = answer.received;
      this.changed();
    }
    return "";
  }

  /** Ask again and again for as long as the trouble may pass. */
  async #patiently(request) {
    for (let failures = 0; ; failures += 1) {
      const answer = await request();
      if (!(answer.outcome in TROUBLES)) {
        this.trouble = "";
        return answer;
      }
      if (this.isPaused) return { outcome: "stopped" };
      this.trouble = answer.detail ?? TROUBLES[answer.outcome];
      this.changed();
      await pause(PAUSES_MS[Math.min(failures, PAUSES_MS.length - 1)], this.stop.signal);
    }
  }
}

/** Wait, but no longer than until the network is back or the upload is paused. */
function pause(milliseconds, signal) {
  return new Promise((resume) => {
    const go = () => {
      clearTimeout(timer);
      window.removeEventListener("online", go);
      signal.removeEventListener("abort", go);
      resume();
    };
    const timer = setTimeout(go, milliseconds);
    window.addEventListener("online", go);
    signal.addEventListener("abort", go);
  });
}
