/* The event log of one opening of a page: what happened, and when.
 *
 * Reading times are worked out on the server from it (grading/timing.py); here things
 * are only written down. Times are milliseconds since the log began, on a clock that
 * no one sets. An input is written down when the last one is SAMPLE_MS old: that a hand
 * moves is all there is to know.
 */

const SAMPLE_MS = 2000;
const MOST_EVENTS = 4000;
const KEPT = new Set(["shown", "painted", "pause", "resume", "submit"]);

/* 96 random bits. Not crypto.randomUUID, which plain http on a hospital's own network
 * does not have. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Visit {
  constructor(now = () => performance.now()) {
    this.now = now;
    this.key = newKey();
    this.begin();
  }

  /** The page is shown: the log begins. */
  begin() {
    this.beganAt = new Date().toISOString();
    this.start = this.now();
    this.events = [];
    this.latest = {};
    this.note("shown");
  }

  /** Write down an event; what repeats within a moment is written down once. */
  note(kind, detail = "") {
    const at = Math.max(0, Math.round(this.now() - this.start));
    const name = `${kind} ${detail}`;
    if (kind === "input" || kind === "tool") {
      if (at - (this.latest[name] ?? -SAMPLE_MS) < SAMPLE_MS) return;
    }
    this.latest[name] = at;
    // A log that grows beyond all measure keeps what the times need.
    if (this.events.length >= MOST_EVENTS && !KEPT.has(kind)) return;
    this.events.push([at, kind, detail]);
  }

  /** The log as the server takes it. */
  get log() {
    return { key: this.key, began_at: this.beganAt, events: [...this.events] };
  }
}
