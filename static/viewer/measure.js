/* The length of a line over the image. Pure.
 *
 * A line is {from, to}, two stored points {x, y} in pixels of the frame.
 */

/** Return {length, unit: "mm" | "pixels", kind}; kind says where the spacing holds. */
export function lengthOf({ from, to }, spacing) {
  const across = to.x - from.x;
  const down = to.y - from.y;
  if (!spacing) return { length: Math.hypot(across, down), unit: "pixels", kind: null };
  const length = Math.hypot(across * spacing.column_mm, down * spacing.row_mm);
  return { length, unit: "mm", kind: spacing.kind };
}

/** Say a length in words; `say` is a speaker of words.js. */
export function lengthInWords({ length, unit, kind }, say) {
  if (unit === "pixels") return say("length-pixels", { length: Math.round(length) });
  const note = say(kind === "calibrated" ? "calibrated" : "at-detector");
  return say("length-mm", { length: length.toFixed(length < 100 ? 1 : 0), note });
}
