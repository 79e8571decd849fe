/* What this browser keeps until the server has it: drafts and grades on their way.
 *
 * Kept in localStorage, because a write there is done before the next line runs.
 * Where the browser refuses that, memory serves and `durable` is false.
 */

const PREFIX = "readerstudy.";

export class Store {
  constructor() {
    this.memory = new Map();
    this.durable = this.tryStorage();
  }

  tryStorage() {
    try {
      localStorage.setItem(`${PREFIX}probe`, "1");
      localStorage.removeItem(`${PREFIX}probe`);
      return true;
    } catch {
      return false;
    }
  }

  /** Return what was written under a name, or null. */
  read(name) {
    const text = this.durable
      ? localStorage.getItem(PREFIX + name)
      : this.memory.get(name);
    try {
      return text ? JSON.parse(text) : null;
    } catch {
      return null;
    }
  }

  write(name, value) {
    const text = JSON.stringify(value);
    this.memory.set(name, text);
    if (!this.durable) return;
    try {
      localStorage.setItem(PREFIX + name, text);
    } catch {
      // Full, or closed by the browser meanwhile.
      this.durable = false;
    }
  }

  remove(name) {
    this.memory.delete(name);
    if (this.durable) localStorage.removeItem(PREFIX + name);
  }

  /** Return the names that begin with `start`; none where nothing lasts. */
  names(start) {
    if (!this.durable) return [];
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(PREFIX + start))
      .map((key) => key.slice(PREFIX.length));
  }

  /** Call back when another window of this browser writes under a name. */
  watch(name, callback) {
    window.addEventListener("storage", (event) => {
      if (event.key === PREFIX + name && event.newValue) callback(this.read(name));
    });
  }
}
