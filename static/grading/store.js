/* What this browser keeps until the server has it: drafts and grades on their way.
 *
 * Kept in localStorage, because a write there is done before the next line runs.
 * Where the browser refuses that, memory serves and `durable` is false.
 */

export class Store extends EventTarget {
  /** owner: whose copies they are; another reader at this computer has others. */
  constructor(owner) {
    super();
    this.prefix = `readerstudy.${owner}.`;
    this.memory = new Map();
    this.durable = this.tryStorage();
  }

  tryStorage() {
    try {
      localStorage.setItem(`${this.prefix}probe`, "1");
      localStorage.removeItem(`${this.prefix}probe`);
      return true;
    } catch {
      return false;
    }
  }

  /** Return what was written under a name, or null. */
  read(name) {
    try {
      const here = this.durable ? undefined : this.memory.get(name);
      const text = here ?? localStorage.getItem(this.prefix + name);
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
      localStorage.setItem(this.prefix + name, text);
    } catch {
      // Full, or closed by the browser meanwhile. No older copy may outlive this one.
      this.durable = false;
      this.drop(name);
      this.dispatchEvent(new CustomEvent("lost"));
    }
  }

  remove(name) {
    this.memory.delete(name);
    this.drop(name);
  }

  drop(name) {
    try {
      localStorage.removeItem(this.prefix + name);
    } catch {
      // There is no storage at all.
    }
  }

  /** Return the names that begin with `start`; none where nothing lasts. */
  names(start) {
    if (!this.durable) return [];
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(this.prefix + start))
      .map((key) => key.slice(this.prefix.length));
  }

  /** Call back when another window of this browser writes under a name. */
  watch(name, callback) {
    window.addEventListener("storage", (event) => {
      if (event.key === this.prefix + name && event.newValue) callback(this.read(name));
    });
  }
}
