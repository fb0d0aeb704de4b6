// Passkeys and the strength of a password, on pages at the door and on «my account».

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));

function text(buffer) {
  const signs = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(signs).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

/** What the server asks, as the browser wants it: its bytes come as text. */
function question(options) {
  const asked = { ...options, challenge: bytes(options.challenge) };
  if (options.user) asked.user = { ...options.user, id: bytes(options.user.id) };
  if (options.excludeCredentials) asked.excludeCredentials = known(options.excludeCredentials);
  if (options.allowCredentials) asked.allowCredentials = known(options.allowCredentials);
  return asked;
}

/** What the browser answers, as text again. */
function answer(credential) {
  const { response } = credential;
  const said = { clientDataJSON: text(response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"])
    if (response[name]) said[name] = text(response[name]);
  if (response.getTransports) said.transports = response.getTransports();
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    response: said,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

async function options(form) {
  const own = form.querySelector("script[type='application/json']");
  const data = own
    ? JSON.parse(own.textContent)
    : await (await fetch(form.action, { headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" } })).json();
  return (data.creation_options || data.request_options).publicKey;
}

async function ceremony(form) {
  const asked = { publicKey: question(await options(form)) };
  const making = form.dataset.passkey === "create";
  const made = await (making ? navigator.credentials.create(asked) : navigator.credentials.get(asked));
  form.querySelector("[name=credential]").value = JSON.stringify(answer(made));
  form.submit();
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const problem = form.querySelector("[data-passkey-problem]");
  if (!window.PublicKeyCredential) {
    form.querySelector("[data-passkey-missing]")?.removeAttribute("hidden");
    form.querySelector("button").disabled = true;
    continue;
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    problem.hidden = true;
    ceremony(form).catch(() => {
      problem.hidden = false;
    });
  });
}

/** Bits, roughly: kinds of signs by length, less what repeats. Nothing leaves the page. */
function strength(password, least) {
  if (password.length < least) return 0;
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^\w\s]|_/, /\s/, /[^\x00-\x7f]/];
  const pool = [26, 26, 10, 33, 1, 3000].reduce((sum, size, at) => sum + (kinds[at].test(password) ? size : 0), 0);
  let fresh = 0;
  for (let at = 0; at < password.length; at += 1) {
    const step = password.charCodeAt(at) - password.charCodeAt(at - 1);
    if (at === 0 || ![0, 1, -1].includes(step)) fresh += 1;
  }
  const bits = Math.min(fresh, new Set(password).size * 1.5) * Math.log2(pool || 1);
  return bits < 50 ? 1 : bits < 90 ? 2 : 3;
}

for (const meter of document.querySelectorAll("[data-strength]")) {
  const field = document.getElementById(meter.dataset.strength);
  const bar = meter.querySelector("meter");
  const words = meter.querySelector("[data-words]");
  field?.closest(".field").append(meter);
  field?.addEventListener("input", () => {
    const level = strength(field.value, Number(meter.dataset.least));
    meter.hidden = !field.value;
    bar.value = level + 1;
    words.textContent = words.dataset.words.split("|")[level];
  });
}
