/* Radiographs that are drawn off screen before they are shown. */

// The case that comes next and the one after it, with their other images.
const MOST_KEPT = 8;

export class Preparations {
  /** paneAt: a function from the number of a radiograph to the pane it will hang in. */
  constructor(paneAt) {
    this.paneAt = paneAt;
    this.ready = new Map();
    this.wanted = new Set();
  }

  /** Prepare radiographs as soon as they are here and there is nothing else to do. */
  add(loadings) {
    loadings.forEach((loading, index) => {
      if (this.wanted.has(loading) || this.ready.has(loading)) return;
      this.wanted.add(loading);
      Promise.all([loading.meta, loading.frame]).then(
        ([meta, frame]) => whenIdle(() => this.prepare(loading, index, meta, frame)),
        () => this.wanted.delete(loading),
      );
    });
  }

  prepare(loading, index, meta, frame) {
    // It may have been shown meanwhile.
    if (!this.wanted.delete(loading)) return;
    const { label } = loading;
    const made = this.paneAt(index).prepare({ label, meta, frame });
    if (!made) return;
    this.ready.set(loading, made);
    for (const [oldest, kept] of this.ready) {
      if (this.ready.size <= MOST_KEPT) break;
      kept.renderer.free(kept.sheet);
      this.ready.delete(oldest);
    }
  }

  /** Hand over what was prepared of a radiograph, or null. */
  take(loading) {
    const made = this.ready.get(loading) ?? null;
    this.ready.delete(loading);
    this.wanted.delete(loading);
    return made;
  }
}

function whenIdle(work) {
  if (window.requestIdleCallback) window.requestIdleCallback(work, { timeout: 500 });
  else setTimeout(work);
}
