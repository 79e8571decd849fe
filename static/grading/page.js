/* One page that is read: its panel, form, report, drafts, event log and radiographs. */

import { fetchRadiograph } from "../viewer/loader.js";
import { Drafts } from "./drafts.js";
import { ReadingForm } from "./form.js";
import { Report } from "./report.js";
import { Visit } from "./visit.js";

export class ReadingPage {
  /** panel: the element .reading-panel, in the document or not yet. */
  constructor(panel, { csrfToken, store, words, onState }) {
    this.panel = panel;
    const { page, pageUrl, openUrl, draftUrl, gradeUrl, undoUrl, followingUrl, place } =
      panel.dataset;
    this.name = page;
    this.place = place;
    this.urls = { pageUrl, openUrl, draftUrl, gradeUrl, undoUrl, followingUrl };
    this.windowUrl = panel.dataset.windowUrl ?? "";
    this.painted = false;
    this.images = [...panel.querySelectorAll(".reading-images li")].map((item) => ({
      ...item.dataset,
    }));
    this.visit = new Visit();
    this.drafts = new Drafts({
      page,
      url: draftUrl,
      csrfToken,
      store,
      visit: this.visit,
    });
    this.drafts.addEventListener("state", ({ detail }) => onState(detail));
    this.form = new ReadingForm(panel, {
      words,
      onChange: (content) => this.drafts.change(content),
    });
  }

  /** Begin to fetch the radiographs; once. */
  fetch() {
    this.loadings ??= this.images.map((image) => fetchRadiograph(image));
    return this.loadings;
  }

  /** The page stands in the document now and can be read.
   *
   * isAway: the reader is in another window; isPaused: the case is hidden.
   */
  begin({ isAway, isPaused }) {
    // Times count from here, not from when the page was fetched.
    this.visit.begin();
    if (isAway) this.visit.note("blur");
    if (isPaused) this.visit.note("pause");
    this.reports = [...this.panel.querySelectorAll(".report")].map(
      (element) => new Report(element),
    );
  }

  /** The grade as the outbox keeps it; its log ends here. */
  get submission() {
    this.visit.note("submit");
    const { name: page, urls } = this;
    const content = { ...this.form.content, visits: [this.visit.log] };
    return { page, url: urls.gradeUrl, content };
  }

  /** Turn the report that has something to turn; false where none has. */
  turn(direction) {
    return this.reports.some((report) => report.turn(direction));
  }

  /** Save what was entered and how long it took, before the page is left. */
  leave() {
    if (!this.painted || this.form.closed) return;
    this.visit.note("leave");
    this.drafts.flush();
  }
}
