// Passkeys: turns what the server asks for into the browser's own dialogue, and puts its answer into the form.

const CANCELLED = "The browser did not finish this. Nothing was changed; you can try again.";
const KNOWN = "This device already has a passkey for your account.";
const MISSING = "This browser has no passkeys. An authenticator app works in every browser.";

const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const decoded = (list) => list?.map((known) => ({ ...known, id: bytes(known.id) }));

// Older browsers lack PublicKeyCredential.parse…FromJSON and toJSON, so the few binary fields are turned here.
async function create(asked, passwordless) {
  const publicKey = { ...asked, challenge: bytes(asked.challenge), user: { ...asked.user, id: bytes(asked.user.id) } };
  publicKey.excludeCredentials = decoded(asked.excludeCredentials);
  if (passwordless) {
    const wish = { residentKey: "required", requireResidentKey: true, userVerification: "required" };
    publicKey.authenticatorSelection = { ...asked.authenticatorSelection, ...wish };
  }
  const made = await navigator.credentials.create({ publicKey });
  return told(made, {
    attestationObject: text(made.response.attestationObject),
    transports: made.response.getTransports?.() ?? [],
  });
}

async function get(asked) {
  const publicKey = { ...asked, challenge: bytes(asked.challenge), allowCredentials: decoded(asked.allowCredentials) };
  const found = await navigator.credentials.get({ publicKey });
  return told(found, {
    authenticatorData: text(found.response.authenticatorData),
    signature: text(found.response.signature),
    userHandle: found.response.userHandle ? text(found.response.userHandle) : null,
  });
}

function told(credential, response) {
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    response: { clientDataJSON: text(credential.response.clientDataJSON), ...response },
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

// The sign-in asks for its challenge only when the button is pressed: most people never press it.
async function options(form) {
  if (!form.dataset.ask) return JSON.parse(form.dataset.options).publicKey;
  const answer = await fetch(form.dataset.ask, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return (await answer.json()).request_options.publicKey;
}

async function ask(form) {
  const asked = await options(form);
  const made = form.dataset.passkey === "add" ? await create(asked, form.elements.passwordless.checked) : await get(asked);
  form.elements.credential.value = JSON.stringify(made);
  form.submit();
}

function say(form, words) {
  const line = form.querySelector(".error");
  line.textContent = words;
  line.hidden = false;
}

for (const said of document.querySelectorAll("[data-without-script]")) said.remove();
for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.hidden = false;
  if (!window.PublicKeyCredential) say(form, MISSING);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!window.PublicKeyCredential) return;
    ask(form).catch((error) => say(form, error.name === "InvalidStateError" ? KNOWN : CANCELLED));
  });
}
