/* The image in a window of its own, for a second screen.
 *
 * The reading page keeps the lead: it hands over descriptions and pixels, and both
 * sides tell each other how the pictures stand. Messages stay within the site. What is
 * sent, by `kind`, from the page:
 *   hung        {labels}                       another case hangs
 *   picture     {index, meta, frame, isFull}   pixels have come
 *   standing    {index, standing}              a picture was changed
 *   arranged    {visible, active, loupe, measuring}
 *   blanked     {isBlank}
 * and from the window: ready, standing {index, standing, tool}, arranged,
 * key {key, code, shiftKey, altKey, ctrlKey}, key-up.
 */

const CHECK_MS = 1000;
const FEATURES = "popup,width=1200,height=1000";

/** Open the window; returns {closed, close()}. closed is true where it was refused.
 *
 * url: the bare page of the site for it. onKey: gets what was pressed there.
 */
export function openPopout({ lightbox, url, onKey = () => {} }) {
  const child = window.open(url, "", FEATURES);
  if (!child) return { closed: true, close() {} };
  return new Popout(child, lightbox, onKey);
}

class Popout {
  constructor(child, lightbox, onKey) {
    Object.assign(this, { child, lightbox, onKey });
    this.over = new AbortController();
    const { signal } = this.over;
    const listen = (target, name, handle) =>
      target.addEventListener(name, handle, { signal });
    listen(window, "message", (event) => this.hear(event));
    listen(window, "pagehide", () => this.close());
    listen(lightbox, "hung", () => this.later(() => this.sendAll()));
    listen(lightbox, "painted", ({ detail }) =>
      this.later(() => this.sendPicture(detail.pane)),
    );
    listen(lightbox, "arranged", () => this.sendArrangement());
    listen(lightbox, "blanked", ({ detail }) => this.send("blanked", detail));
    listen(lightbox, "changed", ({ detail }) => {
      if (!detail.isRemote) this.sendStanding(detail.pane);
    });
    this.watch = setInterval(() => this.closed && this.end(), CHECK_MS);
  }

  get closed() {
    return this.child.closed;
  }

  /** Close the window. */
  close() {
    this.end();
    this.child.close();
  }

  end() {
    this.over.abort();
    clearInterval(this.watch);
  }

  /* What is large is copied once the own picture is painted. */
  later(send) {
    setTimeout(() => this.over.signal.aborted || send());
  }

  hear({ source, origin, data }) {
    if (source !== this.child || origin !== location.origin) return;
    const { lightbox } = this;
    switch (data?.kind) {
      case "ready":
        this.sendAll();
        break;
      case "standing":
        lightbox.adopt(data.index, data.standing, data.tool);
        break;
      case "arranged":
        lightbox.adoptArrangement(data);
        break;
      case "key":
        this.onKey(data);
        break;
      case "key-up":
        lightbox.act("loupe-off");
        break;
      default:
    }
  }

  send(kind, content = {}) {
    if (!this.closed) this.child.postMessage({ kind, ...content }, location.origin);
  }

  sendAll() {
    const { lightbox } = this;
    this.send("hung", { labels: lightbox.loadings.map(({ label }) => label) });
    this.sendArrangement();
    this.send("blanked", { isBlank: lightbox.isBlank });
    lightbox.loadings.forEach((_, index) => this.sendPicture(index));
  }

  sendPicture(index) {
    const { picture, frame, isFull } = this.lightbox.panes[index] ?? {};
    if (!picture || !frame) return;
    this.send("picture", { index, meta: picture.meta, frame, isFull });
    this.sendStanding(index);
  }

  sendStanding(index) {
    const standing = this.lightbox.standing(index);
    if (standing) this.send("standing", { index, standing });
  }

  sendArrangement() {
    const { visible, active, modes } = this.lightbox;
    this.send("arranged", { visible, active, ...modes });
  }
}
