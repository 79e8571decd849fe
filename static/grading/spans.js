/* Places in a text, counted as the server counts them: in code points.
 *
 * JavaScript counts UTF-16 units, of which an emoji has two. No DOM here.
 */

const segmenter = new Intl.Segmenter(undefined, { granularity: "word" });

/** Return the code points of a text. */
export function points(text) {
  return Array.from(text);
}

/** Return the words and signs of a text, without white space: {start, end, isWord}. */
export function wordsOf(text) {
  let at = 0;
  const found = [];
  for (const { segment, isWordLike } of segmenter.segment(text)) {
    const end = at + points(segment).length;
    if (segment.trim()) found.push({ start: at, end, isWord: Boolean(isWordLike) });
    at = end;
  }
  return found;
}

/** Widen a place to whole words; null where it touches none. */
export function snapped(text, start, end) {
  const touched = wordsOf(text).filter((word) => word.start < end && word.end > start);
  if (!touched.length) return null;
  return { start: touched[0].start, end: touched.at(-1).end };
}

/** Move the end of a place by one word, forward (1) or back (-1).
 *
 * Going back takes away the last word with the signs behind it; the first word stays.
 */
export function endMoved(text, { start, end }, direction) {
  const words = wordsOf(text).filter(({ isWord }) => isWord);
  if (direction > 0) {
    const next = words.find((word) => word.end > end);
    return { start, end: next?.end ?? points(text).length };
  }
  const inside = words.filter((word) => word.start < end && word.end > start);
  return { start, end: inside.at(-2)?.end ?? end };
}

/** Move the start of a place by one word, forward (1) or back (-1). */
export function startMoved(text, { start, end }, direction) {
  const words = wordsOf(text).filter(({ isWord }) => isWord);
  const starts = words.map((word) => word.start).filter((each) => each < end);
  if (direction > 0) return { start: starts.find((each) => each > start) ?? start, end };
  return { start: starts.findLast((each) => each < start) ?? 0, end };
}

/** Cut a text of `length` where a mark begins or ends.
 *
 * marks: [{start, end}]; returns [{start, end, marks}], marks being those that cover
 * the piece, by their numbers from 0.
 */
export function pieces(length, marks) {
  const cuts = new Set([0, length]);
  for (const { start, end } of marks) cuts.add(start).add(end);
  const sorted = [...cuts].sort((one, other) => one - other);
  return sorted.slice(1).map((end, index) => {
    const start = sorted[index];
    const covering = marks.flatMap((mark, number) =>
      mark.start <= start && mark.end >= end ? [number] : [],
    );
    return { start, end, marks: covering };
  });
}
