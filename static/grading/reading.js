/* The reading page: wires viewer, form, drafts, outbox, timer and keys together.
 *
 * Everything about the slot comes from the data attributes of #reading; nothing on
 * the page says which report it is.
 */

import { Lightbox } from "../viewer/lightbox.js";
import { fetchRadiograph } from "../viewer/loader.js";
import { Drafts } from "./drafts.js";
import { ReadingForm } from "./form.js";
import { keyCard } from "./keycard.js";
import { keyOf, listen } from "./keymap.js";
import { Outbox } from "./outbox.js";
import { Report } from "./report.js";
import { showStatus } from "./status.js";
import { Store } from "./store.js";
import { followPage, ReadingTimer } from "./timer.js";

const page = document.getElementById("reading");
const { slot, draftUrl, gradeUrl, metaUrl, previewUrl, frameUrl } = page.dataset;
const radiograph = fetchRadiograph({
  label: "frontal",
  meta: metaUrl,
  preview: previewUrl,
  frame: frameUrl,
});
const csrfToken = document.querySelector("meta[name=csrf-token]").content;
const signInUrl =
  `${page.dataset.signInUrl}?next=${encodeURIComponent(location.pathname)}`;
const status = document.getElementById("reading-status");
const dialog = document.getElementById("key-card");

const store = new Store();
const timer = new ReadingTimer(
  Math.max(store.read(`draft.${slot}`)?.active_ms ?? 0, Number(page.dataset.activeMs) || 0),
);
const activeMs = () => timer.activeMs();
const drafts = new Drafts({ slot, url: draftUrl, csrfToken, store, activeMs });
const outbox = new Outbox({ slot, url: gradeUrl, csrfToken, store });
const form = new ReadingForm(
  document.getElementById("grade-form"),
  (content) => drafts.change(content),
);
const viewer = new Lightbox(document.getElementById("viewer"), { signInUrl, keyOf });
const report = new Report(document.querySelector(".report"));
const definitions = document.querySelector(".definitions");
const toggleKeyCard = keyCard(dialog);

/* --- What the status line says --- */

function tell(state) {
  const link = state.name === "signed-out" ? { href: signInUrl, text: "Sign in" } : null;
  showStatus(status, state, link);
}

drafts.addEventListener("state", ({ detail }) => tell(detail));
outbox.addEventListener("state", ({ detail }) => tell(detail));

/* --- Submitting --- */

let shown = false;
viewer.addEventListener("shown", () => {
  shown = true;
  form.say("");
  timer.start();
  drafts.note({ shown_at: drafts.kept()?.shown_at ?? Date.now() });
});

function submit() {
  if (form.closed) return;
  if (outbox.waiting) {
    outbox.deliver();
    return;
  }
  const { letter, comment } = form.content;
  if (!shown) {
    form.say("The radiograph is not shown yet. Submit when you have seen it.");
    return;
  }
  if (!letter) {
    form.say("Choose a grade first: A, B, C or D.");
    form.focusFirst();
    return;
  }
  const active = timer.activeMs();
  const sinceShown = Date.now() - (drafts.kept()?.shown_at ?? Date.now());
  const wall = Math.max(active, timer.wallMs(), sinceShown);
  drafts.stop();
  form.lock(true);
  outbox.submit({ letter, comment, active_ms: active, wall_ms: wall });
}

outbox.addEventListener("accepted", ({ detail }) => {
  drafts.forget();
  // Until the next page is there, one more Enter must not send this grade again.
  form.close();
  tell({ name: "accepted", at: new Date(detail.submitted_at) });
  goTo(detail.next_url);
});

outbox.addEventListener("refused", ({ detail }) => {
  const { status: code, sentence } = detail;
  form.say(sentence);
  if (![404, 409, 410].includes(code)) {
    form.lock(false);
    drafts.restart();
    return;
  }
  // Graded elsewhere, closed, or not this reader's: the way on is another page.
  drafts.forget();
  form.close();
  const href = code === 409 ? location.pathname : page.dataset.exitUrl;
  showStatus(status, { name: "refused", sentence }, { href, text: "Continue" });
});

function goTo(address) {
  const next = new URL(address, location.href);
  if (next.origin === location.origin) location.assign(next);
}

form.form.addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});

/* --- Keys --- */

function leave() {
  document.activeElement?.blur();
}

listen((action) => {
  if (dialog.open) {
    // Only the card's own keys; the browser closes it on Escape.
    return action === "help" ? toggleKeyCard() : false;
  }
  if (action.startsWith("grade-")) return form.toggle(action.slice(-1));
  switch (action) {
    case "submit":
      return submit();
    case "comment":
      return form.comment.focus();
    case "definitions":
      definitions.open = !definitions.open;
      return true;
    case "report-down":
      return report.turn(1);
    case "report-up":
      return report.turn(-1);
    case "leave":
      return leave();
    case "help":
      return toggleKeyCard();
    default:
      return viewer.act(action);
  }
});

document.getElementById("show-keys").addEventListener("click", toggleKeyCard);
definitions.addEventListener("toggle", () => form.say(""));
// After a click on a tool the keys belong to the page again: Enter submits, and does
// not press the tool once more. A click by key has no detail.
page.addEventListener("click", (event) => {
  if (event.detail) event.target.closest("button, summary")?.blur();
});

/* --- Coming back, leaving, other windows --- */

function resume() {
  const kept = drafts.kept();
  const last = store.read("last");
  if (outbox.waiting) {
    form.fill(outbox.waiting);
    drafts.stop();
    form.lock(true);
    outbox.deliver();
  } else if (kept?.unsaved) {
    form.fill(kept);
    drafts.change(form.content);
  } else if (last) {
    tell({ name: "last", at: new Date(last.submitted_at) });
  } else {
    tell({ name: "empty" });
  }
  if (!store.durable) {
    form.say("This browser keeps no copies. Leave the page only when it says saved.");
  }
}

store.watch("last", (last) => {
  if (last?.slot !== slot) return;
  drafts.forget();
  form.close();
  const sentence = "This report was graded in another window.";
  const next = new URL(last.next_url, location.href);
  showStatus(status, { name: "refused", sentence }, { href: next.href, text: "Continue" });
});

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") drafts.flush();
});
window.addEventListener("pagehide", () => {
  if (!drafts.stopped) drafts.note({ active_ms: timer.activeMs() });
  drafts.flush();
});
// A page out of the browser's memory may show a report that has been graded since.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

followPage(timer);
resume();
viewer.show([radiograph]);
outbox.deliverLeftovers();
