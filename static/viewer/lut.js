/* The grey pipeline as one table: stored value in, 8-bit grey out.
 *
 * A VOI (value of interest) is {kind: "window", centre, width, function} or
 * {kind: "table", first, values}, both in units of the stored frame. Formulas of the
 * three window functions: DICOM PS3.3, C.11.2.1.2 and C.11.2.1.3. Every renderer,
 * canvas or GL, looks its greys up in the table made here.
 */

export const ENTRIES = 65536;

/* A straight ramp; `extent` 0 is a threshold. */
function ramp(middle, extent) {
  const low = middle - extent / 2;
  const high = middle + extent / 2;
  return (value) => {
    if (value <= low) return 0;
    if (value > high) return 255;
    return ((value - middle) / extent + 0.5) * 255;
  };
}

/* A VOI LUT. Its centre and width say which stored values it is spread over, so that
 * a reader can shift and stretch a table like any other window. */
function tableCurve({ centre, width, values }) {
  const last = values.length - 1;
  const start = centre - width / 2;
  const entriesPerValue = values.length / width;
  return (value) => {
    const place = (value - start) * entriesPerValue;
    if (place <= 0) return values[0];
    if (place >= last) return values[last];
    const below = Math.floor(place);
    return values[below] + (place - below) * (values[below + 1] - values[below]);
  };
}

/** Return a VOI with centre and width filled in, as a table has none of its own. */
export function completeVoi(voi) {
  if (voi.kind !== "table") return { function: "LINEAR", ...voi };
  if (!voi.values.length) throw new RangeError("A VOI table has no entries.");
  const width = voi.values.length;
  return { centre: voi.first + width / 2, width, ...voi };
}

/** Return the function from stored value to grey 0..255, not yet rounded. */
function greyFunction(voi) {
  const { kind, centre, width } = voi;
  if (kind === "table") return tableCurve(completeVoi(voi));
  switch (voi.function ?? "LINEAR") {
    case "LINEAR":
      return ramp(centre - 0.5, Math.max(width, 1) - 1);
    case "LINEAR_EXACT":
      return ramp(centre, width);
    case "SIGMOID":
      return (value) => 255 / (1 + Math.exp((-4 * (value - centre)) / width));
    default:
      throw new RangeError(`Unknown VOI function ${voi.function}.`);
  }
}

/** Return the table of 65,536 greys (Uint8Array).
 *
 * Entry i is the grey of stored value i * step; a step below 1 leaves room for the
 * fractions that averaging makes (see resample.js). With `padding`, entry 0 is no
 * image and stays black, inverted or not.
 */
export function buildLut(voi, { invert = false, padding = false, step = 1 } = {}) {
  const grey = greyFunction(voi);
  const lut = new Uint8Array(ENTRIES);
  for (let entry = 0; entry < ENTRIES; entry += 1) {
    const rounded = Math.floor(grey(entry * step) + 0.5);
    lut[entry] = invert ? 255 - rounded : rounded;
  }
  if (padding) lut[0] = 0;
  return lut;
}
