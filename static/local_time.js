/* Moments in the reader's own time and language: <time datetime data-local-time>.
 *
 * Without a script they stand in UTC, and say so. */

const language = document.documentElement.lang || undefined;
const format = new Intl.DateTimeFormat(language, {
  weekday: "long",
  day: "numeric",
  month: "long",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
  timeZoneName: "short",
});

for (const moment of document.querySelectorAll("time[data-local-time]")) {
  const at = new Date(moment.dateTime);
  if (!Number.isNaN(at.valueOf())) moment.textContent = format.format(at);
}
