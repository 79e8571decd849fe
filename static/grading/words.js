/* The page's words: everything that scripts say stands in the page, translated. */

const block = document.getElementById("words");
const words = block ? JSON.parse(block.textContent) : {};

/** Return the words of a section: name -> text. */
export function section(name) {
  return words[name] ?? {};
}

/** Return a sentence with its {places} filled in. */
export function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
}
