/* The report's text: it shows when it goes on below its foot, and scrolls by key. */

const NEARLY = 4; // CSS pixels that hide no line
const PAGE = 0.8;

export class Report {
  constructor(root) {
    this.root = root;
    root.addEventListener("scroll", () => this.look(), { passive: true });
    new ResizeObserver(() => this.look()).observe(root);
  }

  look() {
    const { scrollHeight, clientHeight, scrollTop } = this.root;
    this.root.toggleAttribute(
      "data-goes-on",
      scrollHeight - clientHeight - scrollTop > NEARLY,
    );
  }

  /** Turn a page down (1) or up (-1); returns false where there is nothing to turn. */
  turn(direction) {
    const { scrollHeight, clientHeight } = this.root;
    if (scrollHeight - clientHeight <= NEARLY) return false;
    this.root.scrollBy({ top: direction * PAGE * clientHeight });
    return true;
  }
}
