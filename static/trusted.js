/* The one policy of trusted types (CSP: require-trusted-types-for 'script').
 *
 * htmx and the page fetched ahead turn answers of this site into elements; scripts in
 * them do not run, by the same CSP. Nothing of ours makes a script out of a text or a
 * script's address: for those there is no rule here, so that every such try fails.
 */

if (window.trustedTypes) {
  window.trustedTypes.createPolicy("default", { createHTML: (text) => text });
}
