/* From the stored frame to the device pixels of a view, still as stored values.
 *
 * Each axis has its taps: the source samples behind one device pixel, with weights.
 * A minified axis averages over the pixel's whole footprint, a magnified one
 * interpolates linearly between pixel centres, and 1:1 is one tap of weight 1. The
 * result carries `fractionBits` binary places, so that a narrow window over an
 * average of 8-bit values shows no steps that the image has not got.
 */

const ROUNDING = 1e-9;

/** Return how many binary places fit beside the largest stored value in 16 bits. */
export function fractionBits(maximum) {
  let bits = 0;
  while (bits < 8 && maximum * 2 ** (bits + 1) <= 65535) bits += 1;
  return bits;
}

/** Return the device pixels of one axis, `begin` up to `end`, centred on the image. */
export function axisSpan(length, scale, offset, extent) {
  const onImage = (device) => {
    const place = (device + 0.5 - offset) / scale;
    return place >= 0 && place < length;
  };
  let begin = Math.min(Math.max(0, Math.floor(offset)), extent);
  while (begin < extent && !onImage(begin)) begin += 1;
  let end = Math.min(extent, Math.ceil(offset + length * scale));
  while (end > begin && !onImage(end - 1)) end -= 1;
  return { begin, end };
}

/** Return the taps of one axis.
 *
 * length: source samples; scale: device pixels per sample; offset: device pixel of
 * the first sample's edge; extent: device pixels of the canvas. Tap k of device pixel i has
 * source `start[i] + k` and weight `weights[i * stride + k]`, k below `count[i]`. A
 * plain axis has one source sample of weight 1 each.
 */
export function axisTaps(length, scale, offset, extent) {
  const { begin, end } = axisSpan(length, scale, offset, extent);
  const stride = scale < 1 ? Math.ceil(1 / scale) + 2 : 2;
  const start = new Int32Array(extent);
  const count = new Int32Array(extent);
  const weights = new Float64Array(extent * stride);
  const write = scale < 1 ? footprint : neighbours;
  for (let device = begin; device < end; device += 1) {
    write(device);
  }
  const plain = scale === 1 && Number.isInteger(offset);
  return { begin, end, stride, start, count, weights, plain };

  function footprint(device) {
    const from = Math.max(0, (device - offset) / scale);
    const to = Math.min(length, (device + 1 - offset) / scale);
    const first = Math.floor(from + ROUNDING);
    const after = Math.min(length, Math.ceil(to - ROUNDING));
    start[device] = first;
    count[device] = after - first;
    for (let source = first; source < after; source += 1) {
      const overlap = Math.min(to, source + 1) - Math.max(from, source);
      weights[device * stride + source - first] = overlap / (to - from);
    }
  }

  function neighbours(device) {
    const centre = (device + 0.5 - offset) / scale - 0.5;
    const place = Math.min(Math.max(centre, 0), length - 1);
    const first = Math.floor(place + ROUNDING);
    const beyond = Math.max(0, place - first);
    start[device] = first;
    count[device] = beyond > ROUNDING ? 2 : 1;
    weights[device * stride] = 1 - beyond;
    weights[device * stride + 1] = beyond;
  }
}

/* The first source column that any tap reads, and the one after the last. */
function columnsRead({ begin, end, start, count }) {
  if (begin >= end) return [0, 0];
  return [start[begin], start[end - 1] + count[end - 1]];
}

/** Write the device pixels of a view into `out` (Uint16Array, `width` a row).
 *
 * frame: {pixels, columns, padding}, as displayed. Values are stored values times 2^bits. With
 * padding, zeros are no image: they take no part in an average, and a device pixel
 * that is mostly padding is 0.
 */
export function resample(frame, across, down, out, width, bits) {
  if (across.plain && down.plain) {
    copyRows(frame, across, down, out, width, 2 ** bits);
    return;
  }
  const [left, right] = columnsRead(across);
  const sums = new Float64Array(frame.columns);
  const covers = frame.padding ? new Float64Array(frame.columns) : null;
  for (let y = down.begin; y < down.end; y += 1) {
    sums.fill(0, left, right);
    covers?.fill(0, left, right);
    for (let tap = 0; tap < down.count[y]; tap += 1) {
      const weight = down.weights[y * down.stride + tap];
      const row = (down.start[y] + tap) * frame.columns;
      if (covers) addCoveredRow(frame.pixels, row, weight, sums, covers, left, right);
      else addRow(frame.pixels, row, weight, sums, left, right);
    }
    if (covers) writeCoveredRow(across, sums, covers, out, y * width, 2 ** bits);
    else writeRow(across, sums, out, y * width, 2 ** bits);
  }
}

function copyRows({ pixels, columns }, across, down, out, width, unit) {
  const { begin, end } = across;
  for (let y = down.begin; y < down.end; y += 1) {
    let from = down.start[y] * columns + across.start[begin];
    for (let at = y * width + begin; at < y * width + end; at += 1) {
      out[at] = pixels[from] * unit;
      from += 1;
    }
  }
}

function addRow(pixels, row, weight, sums, left, right) {
  for (let column = left; column < right; column += 1) {
    sums[column] += weight * pixels[row + column];
  }
}

function addCoveredRow(pixels, row, weight, sums, covers, left, right) {
  for (let column = left; column < right; column += 1) {
    const value = pixels[row + column];
    sums[column] += weight * value;
    if (value !== 0) covers[column] += weight;
  }
}

function writeRow({ begin, end, start, count, stride, weights }, sums, out, at, unit) {
  for (let x = begin; x < end; x += 1) {
    const base = x * stride;
    const first = start[x];
    let sum = 0;
    for (let tap = 0; tap < count[x]; tap += 1) {
      sum += weights[base + tap] * sums[first + tap];
    }
    out[at + x] = sum * unit + 0.5;
  }
}

function writeCoveredRow(across, sums, covers, out, at, unit) {
  const { begin, end, start, count, stride, weights } = across;
  for (let x = begin; x < end; x += 1) {
    const base = x * stride;
    const first = start[x];
    let sum = 0;
    let cover = 0;
    for (let tap = 0; tap < count[x]; tap += 1) {
      sum += weights[base + tap] * sums[first + tap];
      cover += weights[base + tap] * covers[first + tap];
    }
    out[at + x] = cover < 0.5 - ROUNDING ? 0 : (sum / cover) * unit + 0.5;
  }
}
