/* How the image is turned. Pure.
 *
 * A turn is {rotation, flipped}: the image is mirrored left to right if flipped, and
 * rotated clockwise by 0, 90, 180 or 270 degrees then. An image is {columns, rows,
 * pixelWidth, pixelHeight}; the sizes of a pixel are relative to the columns' spacing.
 */

export const UPRIGHT = Object.freeze({ rotation: 0, flipped: false });
// A tile of this side is copied at a time, so that lines stay in the processor's cache.
const TILE = 64;

/** Return a turn followed by 90 degrees clockwise. */
export function rotated({ rotation, flipped }) {
  return { rotation: (rotation + 90) % 360, flipped };
}

/** Return a turn followed by a mirroring of left and right, as displayed. */
export function flippedAcross({ rotation, flipped }) {
  return { rotation: (360 - rotation) % 360, flipped: !flipped };
}

/** Return a turn followed by a mirroring of top and bottom, as displayed. */
export function flippedDown({ rotation, flipped }) {
  return { rotation: (540 - rotation) % 360, flipped: !flipped };
}

/** Return which stored axis runs across the display, and which run backwards.
 *
 * swap: the stored rows run across. mirrorColumns, mirrorRows: stored columns, rows
 * run against the display's direction.
 */
export function axesOf({ rotation, flipped }) {
  return {
    swap: rotation % 180 === 90,
    mirrorColumns: (rotation === 180 || rotation === 270) !== flipped,
    mirrorRows: rotation === 90 || rotation === 180,
  };
}

/** Return the image as it is displayed: columns are what runs across. */
export function orientedImage(image, turn) {
  const { columns, rows, pixelWidth, pixelHeight } = image;
  if (!axesOf(turn).swap) return { columns, rows, pixelWidth, pixelHeight };
  return {
    columns: rows,
    rows: columns,
    pixelWidth: pixelHeight,
    pixelHeight: pixelWidth,
  };
}

/** Return the displayed point of a stored point, both {x, y} in pixels of the image. */
export function toDisplayed({ x, y }, image, turn) {
  const { swap, mirrorColumns, mirrorRows } = axesOf(turn);
  const column = mirrorColumns ? image.columns - x : x;
  const row = mirrorRows ? image.rows - y : y;
  return swap ? { x: row, y: column } : { x: column, y: row };
}

/** Return the stored point of a displayed point. */
export function toStored({ x, y }, image, turn) {
  const { swap, mirrorColumns, mirrorRows } = axesOf(turn);
  const column = swap ? y : x;
  const row = swap ? x : y;
  return {
    x: mirrorColumns ? image.columns - column : column,
    y: mirrorRows ? image.rows - row : row,
  };
}

/** Return the frame with its pixels laid as they are displayed. */
export function orientedFrame(frame, turn) {
  const { swap, mirrorColumns, mirrorRows } = axesOf(turn);
  if (!swap && !mirrorColumns && !mirrorRows) return frame;
  const { columns, rows, pixels } = frame;
  const laid = new Uint16Array(pixels.length);
  const displayed = orientedImage(frame, turn);
  const columnStep = (swap ? displayed.columns : 1) * (mirrorColumns ? -1 : 1);
  const rowStep = (swap ? 1 : displayed.columns) * (mirrorRows ? -1 : 1);
  const origin =
    (mirrorColumns ? -(columns - 1) * columnStep : 0) +
    (mirrorRows ? -(rows - 1) * rowStep : 0);
  for (let top = 0; top < rows; top += TILE) {
    for (let left = 0; left < columns; left += TILE) {
      const bottom = Math.min(rows, top + TILE);
      const right = Math.min(columns, left + TILE);
      for (let row = top; row < bottom; row += 1) {
        let to = origin + row * rowStep + left * columnStep;
        for (let from = row * columns + left; from < row * columns + right; from += 1) {
          laid[to] = pixels[from];
          to += columnStep;
        }
      }
    }
  }
  return { ...frame, ...displayed, pixels: laid };
}

/** Return the letters at the displayed edges from those at the stored ones. */
export function turnedLetters(letters, turn) {
  if (!letters) return {};
  const { swap, mirrorColumns, mirrorRows } = axesOf(turn);
  const { left, right, top, bottom } = letters;
  const acrossStored = mirrorColumns ? [right, left] : [left, right];
  const downStored = mirrorRows ? [bottom, top] : [top, bottom];
  const [across, down] = swap ? [downStored, acrossStored] : [acrossStored, downStored];
  return { left: across[0], right: across[1], top: down[0], bottom: down[1] };
}
