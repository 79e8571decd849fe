/* Files as people choose them: from a picker, a folder's picker, or dropped. */

/** The files of an <input type="file">; of a folder with their paths in it. */
export function pickedFiles(input) {
  return Array.from(input.files, (file) => ({
    name: file.webkitRelativePath || file.name,
    file,
  }));
}

/** The files that were dropped, those of folders with their paths. */
export async function droppedFiles(transfer) {
  // All entries at once: the list is empty after the first wait.
  const entries = Array.from(transfer.items, (item) => item.webkitGetAsEntry?.());
  const found = [];
  for (const entry of entries) if (entry) await walk(entry, found);
  return found;
}

async function walk(entry, found) {
  const name = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) {
    found.push({ name, file: await new Promise((got, lost) => entry.file(got, lost)) });
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    // A reader gives a hundred entries at a time, and none at the end.
    const some = await new Promise((got, lost) => reader.readEntries(got, lost));
    if (!some.length) return;
    for (const each of some) await walk(each, found);
  }
}
