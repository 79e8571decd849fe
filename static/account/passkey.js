// Asks the browser for a passkey and sends its answer with the form.
//
// <form data-passkey="create | get | sign-in"> holds a hidden input `credential` and an
// element [data-problem] for what went wrong. What the site asks for lies in the JSON of
// #js_data; for the sign-in it is fetched from the form's own address. The button is
// hidden where scripts do not run. Needs mfa/js/webauthn-json.js before it.

const { create, get } = window.webauthnJSON;

const sentences = document.querySelector("meta[name=passkey-words]").dataset;

/** What the page says of a refusal: NotAllowedError is told by data-not-allowed-error. */
function sentenceOf({ name }) {
  return sentences[name[0].toLowerCase() + name.slice(1)] ?? sentences.other;
}

function wishes() {
  return JSON.parse(document.getElementById("js_data").textContent);
}

/** A new passkey; one that signs in alone must know its person by itself. */
async function made(form) {
  const wished = structuredClone(wishes().creation_options);
  if (form.elements.passwordless?.checked) {
    Object.assign(wished.publicKey.authenticatorSelection, {
      residentKey: "required",
      requireResidentKey: true,
      userVerification: "required",
    });
  }
  return create(wished);
}

async function ofStranger(form) {
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) {
    throw new Error(`The site answered ${answer.status}.`);
  }
  return get((await answer.json()).request_options);
}

const ASK = {
  create: made,
  get: () => get(wishes().request_options),
  "sign-in": ofStranger,
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const problem = form.querySelector("[data-problem]");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.hidden = true;
    try {
      const credential = await ASK[form.dataset.passkey](form);
      form.elements.credential.value = JSON.stringify(credential);
      form.submit();
    } catch (refusal) {
      problem.textContent = sentenceOf(refusal);
      problem.hidden = false;
    }
  });
}
