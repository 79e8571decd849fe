/* The reading page: wires pages, radiographs, outbox, pauses and keys together.
 *
 * One page is read at a time; the next is fetched meanwhile and shown as soon as this
 * one is submitted, while its grade is on its way. Everything about a page comes from
 * the data attributes of its panel; nothing says whose report it is.
 */

import { Lightbox } from "../viewer/lightbox.js";
import { openPopout } from "../viewer/popout.js";
import { fetchPanel, panelIn } from "./ahead.js";
import { Attention } from "./attention.js";
import { keyCard } from "./keycard.js";
import { handleKey, keyOf, listen } from "./keymap.js";
import { Outbox } from "./outbox.js";
import { ReadingPage } from "./page.js";
import { Pause } from "./pause.js";
import { Patience, send } from "./send.js";
import { showStatus } from "./status.js";
import { Store } from "./store.js";
import { Undo } from "./undo.js";
import { section } from "./words.js";

const room = document.getElementById("reading");
const { exitUrl, nextUrl, idleSeconds, breakMinutes, undoSeconds } = room.dataset;
const csrfToken = document.querySelector("meta[name=csrf-token]").content;
const status = document.getElementById("reading-status");
const place = document.getElementById("reading-place");
const keyDialog = document.getElementById("key-card");
const words = section("reading");
const statusWords = section("status");

let popout = null; // the image in a window of its own

const store = new Store(room.dataset.owner);
const outbox = new Outbox({ csrfToken, store });
const undo = new Undo({ store, csrfToken, seconds: Number(undoSeconds) });
const attention = new Attention(Number(idleSeconds) * 1000, {
  elsewhere: () => Boolean(popout && !popout.closed && popout.child.document.hasFocus()),
});
const pause = new Pause(document.getElementById("pause-card"), {
  words: section("pause"),
  breakMinutes: Number(breakMinutes),
});
const lightbox = new Lightbox(document.getElementById("viewer"), {
  keyOf,
  signInUrl,
  words: section("viewer"),
});
const toggleKeyCard = keyCard(keyDialog, section("keys"));

let page = pageOf(document.querySelector(".reading-panel"));
let ahead = null; // promise of the next page, or of null
let upcoming = null; // the next page, once it is here
let leaving = false;
let takingBack = false;
let leftovers = Promise.resolve();
const accepted = new Map(); // pages whose grades the server has taken from here -> way on
const openedPages = new Set(); // pages that the server knows to be shown
const broughtAlong = new Map(); // pages by name -> the one behind, as HTML, or null
let wayOn = ""; // where Enter leads when there is nothing to submit any more

function signInUrl() {
  return `${room.dataset.signInUrl}?next=${encodeURIComponent(location.pathname)}`;
}

function pageOf(panel) {
  const onState = (state) => tell(state);
  return new ReadingPage(panel, { csrfToken, store, words: section("form"), onState });
}

/* --- What the status line says --- */

function tell(state, link = null) {
  // A grade that is not saved yet matters more than a draft that is.
  if (outbox.waiting && ["saved", "unsaved", "empty", "last"].includes(state.name)) return;
  const signIn = { href: signInUrl(), text: words.sign_in };
  showStatus(status, statusWords, state, state.name === "signed-out" ? signIn : link);
}

outbox.addEventListener("state", ({ detail }) => {
  // Nobody reads on meanwhile; what was entered on this page is kept as a draft.
  if (detail.name === "paused") endHere(detail, nextUrl);
  else tell(detail);
});
store.addEventListener("lost", () => page.form.say(words.no_copies));

/* --- Showing a page --- */

lightbox.addEventListener("shown", () => {
  if (page.painted) return;
  page.painted = true;
  page.visit.note("painted");
  page.form.say("");
  performance.mark("reading:painted");
  fetchAhead();
});
lightbox.addEventListener("changed", ({ detail }) => {
  if (!page.painted || !detail?.tool) return;
  // In the image's own window as well, where nothing else tells of the reader.
  attention.input();
  page.visit.note("tool", detail.tool);
});

function begin() {
  page.begin({ isAway: !attention.inFront, isPaused: pause.on });
  lightbox.show(page.fetch());
  resume();
  listenToForm();
}

/* What this browser kept of the page comes before what the server sent with it. */
function resume() {
  const kept = page.drafts.kept();
  const waiting = outbox.of(page.name);
  if (waiting) {
    deliverOnly();
  } else if (kept?.unsaved) {
    page.form.fill(kept.content);
    page.drafts.change(page.form.content);
  } else if (undo.last) {
    tell({ name: "last", at: new Date(undo.last.submitted_at) });
  } else {
    tell({ name: "empty" });
  }
  if (!store.durable) page.form.say(words.no_copies);
}

function listenToForm() {
  const form = page.panel.querySelector("form");
  form.noValidate = true;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
}

function fetchAhead() {
  ahead ??= panelAhead(page).then((panel) => {
    if (!panel) return null;
    upcoming = pageOf(panel);
    lightbox.prepare(upcoming.fetch());
    return upcoming;
  });
}

/* The panel behind a page: with the word that the page was opened, else by itself. */
async function panelAhead(shown) {
  await outbox.settled();
  const sent = broughtAlong.get(shown.name);
  broughtAlong.clear();
  if (sent === undefined) return fetchPanel(shown.urls.followingUrl);
  return sent && panelIn(sent);
}

/** Put the next page in the place of this one. */
async function turnTo(next) {
  const done = page;
  page = next;
  ahead = null;
  upcoming = null;
  done.panel.replaceWith(next.panel);
  place.textContent = next.place;
  document.title = document.title.replace(done.place, next.place);
  history.replaceState(null, "", next.urls.pageUrl);
  if (pause.due) await pause.betweenCases();
  begin();
  // In order: the server opens a page when the one before it is graded.
  await outbox.emptied();
  // As a rule the grade before it has brought word of it.
  if (openedPages.has(next.name)) return;
  const code = await opened(next);
  // Another thing comes first now, such as a check of the display.
  if (code === 409 && page === next && !outbox.of(next.name)) leaveFor(nextUrl);
}

/* Tell the server that a page is shown; again until it has heard it. */
async function opened(shown) {
  const patience = new Patience();
  while (page === shown) {
    const { outcome, status: code } = await send("POST", shown.urls.openUrl, {}, {
      csrfToken,
    });
    if (outcome !== "later") return code;
    await patience.wait();
  }
  return 0;
}

/* --- Submitting --- */

function submit() {
  const { form } = page;
  if (pause.on || leaving || takingBack) return;
  if (form.closed) {
    if (wayOn) leaveFor(wayOn);
    return;
  }
  if (outbox.of(page.name)) {
    // On its way already, perhaps from another window that has been closed since.
    deliverOnly();
    return;
  }
  if (!page.painted) {
    form.say(words.not_shown_yet);
    return;
  }
  const { missing } = form;
  if (missing) {
    form.say(missing.sentence);
    missing.element?.focus();
    return;
  }
  performance.mark("reading:submit");
  const { submission } = page;
  page.drafts.stop();
  form.lock(true);
  undo.expect(page);
  // Behind a break the next page is hidden at first: it is opened when it is shown.
  const opens = pause.due ? "" : (upcoming?.name ?? "");
  outbox.submit({ ...submission, opens });
  goOn();
}

/* The grade of this page is kept already: it is shown and sent as it stands. */
function deliverOnly() {
  page.form.fill(outbox.of(page.name));
  page.drafts.stop();
  page.form.lock(true);
  outbox.take(page.name);
  goOn();
}

/* To the next page: at once where it is here already, else when the grade is stored. */
async function goOn() {
  const from = page;
  const next = await Promise.race([ahead, outbox.emptied().then(() => undefined)]);
  if (page !== from || leaving || takingBack) return;
  if (next) {
    await turnTo(next);
    return;
  }
  await outbox.emptied();
  // What other pages left behind comes first, else the next page would be one of them.
  await leftovers;
  if (page !== from || takingBack) return;
  if (accepted.has(from.name)) leaveFor(accepted.get(from.name));
}

function leaveFor(address) {
  const target = new URL(address, location.href);
  if (leaving || target.origin !== location.origin) return;
  leaving = true;
  page.form.close();
  location.assign(target);
}

outbox.addEventListener("accepted", ({ detail }) => {
  accepted.set(detail.page, detail.next_url);
  if (detail.opened) {
    openedPages.add(detail.opened);
    if ("ahead" in detail) broughtAlong.set(detail.opened, detail.ahead);
  }
  store.remove(`draft.${detail.page}`);
  undo.accepted(detail);
  const at = new Date(detail.submitted_at);
  const name = undo.possible ? "accepted_undo" : "accepted";
  tell({ name, at, key: keyOf("undo") });
  setTimeout(() => {
    const said = status.dataset.state === "accepted_undo";
    if (said && !undo.possible) tell({ name: "accepted", at });
  }, Number(undoSeconds) * 1000);
});

/* A grade that the server will not have. The reader may be on the next page by now. */
outbox.addEventListener("refused", ({ detail }) => {
  const { page: name, grade, status: code, sentence, body } = detail;
  undo.forget(name);
  if (body?.reason === "not_now") {
    store.write(`draft.${name}`, { content: withoutKey(grade), unsaved: true });
    endHere({ name: "refused", sentence }, nextUrl);
    return;
  }
  if (![404, 409, 410].includes(code)) {
    // Something is to be mended: what was entered is kept for the page that asks again.
    store.write(`draft.${name}`, { content: withoutKey(grade), unsaved: true });
    if (name === page.name) {
      page.form.lock(false);
      page.drafts.stopped = false;
      page.form.say(sentence);
      return;
    }
  } else {
    store.remove(`draft.${name}`);
  }
  const href = code === 410 ? exitUrl : nextUrl;
  if (name === page.name || code === 410) endHere({ name: "refused", sentence }, href);
  else tell({ name: "refused", sentence }, { href, text: words.continue });
});

/* Nothing more can be submitted here; the link and Enter lead on. */
function endHere(state, address) {
  wayOn = new URL(address, location.href).href;
  page.form.close();
  tell(state, { href: wayOn, text: words.continue });
}

function withoutKey({ idempotency_key, visits, opens, ahead: asked, ...content }) {
  return content;
}

/* --- Taking back --- */

async function takeBack() {
  if (!undo.possible || takingBack || leaving) return false;
  const { pending } = undo;
  // Nothing is submitted meanwhile, and no page is turned.
  takingBack = true;
  page.leave();
  tell({ name: "taking_back" });
  await outbox.settled();
  const isKept = outbox.of(pending.page);
  const { url, ...hindrance } = isKept ? { name: "offline" } : await undo.take(pending);
  takingBack = false;
  if (url) {
    leaveFor(url);
    return true;
  }
  tell(hindrance);
  if (accepted.has(page.name)) goOn();
  return true;
}

/* --- Pauses, attention --- */

attention.addEventListener("input", () => page.visit.note("input"));
attention.addEventListener("blur", () => page.visit.note("blur"));
attention.addEventListener("focus", () => page.visit.note("focus"));
attention.addEventListener("idle", () => {
  if (page.painted && !leaving && !keyDialog.open) pause.begin("idle");
});

pause.addEventListener("pause", () => {
  page.visit.note("pause");
  lightbox.blank(true);
  room.toggleAttribute("data-paused", true);
});
pause.addEventListener("resume", () => {
  page.visit.note("resume");
  lightbox.blank(false);
  room.toggleAttribute("data-paused", false);
});
setInterval(() => {
  if (page.painted && !pause.on && attention.inFront) pause.count(1000);
}, 1000);

document.getElementById("pause").addEventListener("click", () => pause.begin("asked"));

/* --- Keys --- */

function act(action) {
  if (pause.on) return false;
  if (keyDialog.open) {
    // Only the card's own keys; the browser closes it on Escape.
    return action === "help" ? toggleKeyCard() : false;
  }
  switch (action) {
    case "submit":
      return submit();
    case "undo":
      return takeBack();
    case "pause":
      return pause.begin("asked");
    case "pop-out":
      return popOut();
    case "report-down":
      return page.turn(1);
    case "report-up":
      return page.turn(-1);
    case "help":
      return toggleKeyCard();
    default:
      return page.form.act(action) === false ? lightbox.act(action) : true;
  }
}

function popOut() {
  if (popout && !popout.closed) return popout.close();
  const url = page.windowUrl;
  if (!url) return false;
  popout = openPopout({
    lightbox,
    url,
    words: section("viewer"),
    onKey: (event) => {
      attention.input();
      handleKey(event);
    },
  });
  return true;
}

listen(act, { mode: () => page.form.mode ?? "reading" });

document.getElementById("show-keys").addEventListener("click", toggleKeyCard);
// After a click on a tool the keys belong to the page again: Enter submits, and does
// not press the tool once more. A click by key has no detail.
room.addEventListener("click", (event) => {
  if (event.detail) event.target.closest("button, summary")?.blur();
});

/* --- Leaving, other windows --- */

store.watch("last", (last) => {
  if (last?.page !== page.name) return;
  page.drafts.forget();
  endHere({ name: "refused", sentence: words.graded_elsewhere }, last.next_url);
});

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") page.leave();
});
window.addEventListener("pagehide", () => {
  popout?.close();
  page.leave();
});
// Where this browser keeps no copies, a grade on its way would be lost with the page.
window.addEventListener("beforeunload", (event) => {
  if (!store.durable && outbox.waiting) event.preventDefault();
});
// A page out of the browser's memory may show a report that has been graded since.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

begin();
leftovers = outbox.deliverLeftovers();
