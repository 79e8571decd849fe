/* By what a file is known again, beside its name and size.
 *
 * Uncompressed radiographs share their size, and machines number them anew for each
 * patient: two files called IM000001 are not one. The mark holds when a file was
 * changed and a digest of pieces spread over it, its beginning and end among them.
 */

const PIECES = 8;
const PIECE_BYTES = 64 * 1024;

/** The mark of a File; of one that can't be read, when it was changed. */
export async function markOf(file) {
  let digest = "unread";
  try {
    digest = await digestOf(await piecesOf(file).arrayBuffer());
  } catch {
    // Sending it fails as well, and tells so.
  }
  return `${file.lastModified}-${digest}`;
}

/** The whole of a small file; of a larger one pieces from the first byte to the last. */
function piecesOf(file) {
  if (file.size <= PIECES * PIECE_BYTES) return file;
  const step = (file.size - PIECE_BYTES) / (PIECES - 1);
  const pieces = Array.from({ length: PIECES }, (_, number) => {
    const start = Math.floor(number * step);
    return file.slice(start, start + PIECE_BYTES);
  });
  return new Blob(pieces);
}

async function digestOf(bytes) {
  // Browsers keep this from pages that came over plain http.
  if (!globalThis.crypto?.subtle) return mixed(new Uint8Array(bytes));
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(digest), hex).join("");
}

const hex = (byte) => byte.toString(16).padStart(2, "0");

/** 128 bits that differ where bytes do: four runs of FNV-1a, each begun elsewhere. */
function mixed(bytes) {
  return [0x811c9dc5, 0x1b873593, 0x2545f491, 0x9e3779b9].map((begin) => {
    let sum = begin;
    for (const byte of bytes) {
      sum = Math.imul(sum ^ byte, 0x01000193);
      sum ^= sum >>> 15;
    }
    return (sum >>> 0).toString(16).padStart(8, "0");
  }).join("");
}
