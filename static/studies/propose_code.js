/* Proposes the code of a new study from its title, until somebody types one. */

const title = document.getElementById("id_title");
const code = document.getElementById("id_code");

/* Letters without their marks, everything else a hyphen: "Thorax-Studie Süd" -> thorax-studie-sud. */
export function proposed(words) {
  return words
    .normalize("NFKD")
    .replace(/[̀-ͯ]/g, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 40)
    .replace(/^-+|-+$/g, "");
}

if (title && code) {
  let last = code.value;
  const propose = () => {
    if (code.value !== last) return;
    last = proposed(title.value);
    code.value = last;
  };
  title.addEventListener("input", propose);
  /* Who types fast, or comes back to a filled page, was there before this script. */
  if (!code.value) propose();
}
