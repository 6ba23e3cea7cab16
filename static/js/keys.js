// Single keys for a day of reviewing. They can be switched off (WCAG 2.1.4), never act while somebody types, and only
// press what stands on the page: whatever has no button or link for a key does not answer to it.

const KEPT = "candid.keys";
const PLACES = new Set(["a", "button", "input", "select", "summary", "textarea"]);

export function keysAct() {
  try {
    return window.localStorage.getItem(KEPT) !== "off";
  } catch {
    return true; // a browser that keeps nothing
  }
}

function keep(on) {
  try {
    if (on) window.localStorage.removeItem(KEPT);
    else window.localStorage.setItem(KEPT, "off");
  } catch {
    // then it holds for this page alone
  }
  showState();
}

function showState() {
  const on = keysAct();
  document.documentElement.classList.toggle("keys-off", !on);
  for (const box of document.querySelectorAll("[data-keys-switch]")) box.checked = on;
}

export const isTyping = (target) =>
  Boolean(target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]"));

// --- the list

const rows = () => [...document.querySelectorAll("[data-rows] a.row")];
let last = ""; // id of the row where the person was; a table that is fetched anew has it again

function rowNow() {
  const focused = document.activeElement?.closest("[data-rows] tr");
  return focused?.querySelector("a.row") ?? document.getElementById(last);
}

function moveTo(step) {
  const all = rows();
  const now = all.indexOf(rowNow());
  const next = all[now < 0 ? (step > 0 ? 0 : all.length - 1) : now + step];
  if (!next) return void document.querySelector(step > 0 ? ".pages a[rel=next]" : ".pages a[rel=prev]")?.click();
  last = next.id;
  next.focus();
  next.closest("tr").scrollIntoView({ block: "nearest" });
  return undefined;
}

function onRow(key) {
  const row = rowNow();
  if (key === "j") moveTo(1);
  else if (key === "k") moveTo(-1);
  else if (row && (key === "o" || (key === "enter" && document.activeElement === row))) window.location.assign(row.href);
  else if (row) return press(row.closest("tr").querySelector(`[data-row-key="${key}"]`));
  else return false;
  return true;
}

// --- choosing by number: the choice, then a phrase, then Ctrl and Enter

let armed = null; // {field, phrases}: the choice was made by key just now, so that a number puts in a phrase

const textOf = (form) => form.querySelector("textarea");
const chosenIn = (form) => form.querySelector('[data-number][aria-pressed="true"]');

function tell(form, words) {
  const hint = form.querySelector(".hint");
  if (hint) hint.textContent = words;
}

function phrasesOf(form, value) {
  return [...form.querySelectorAll(`[data-phrases="${value}"] [data-phrase]`)];
}

function choose(button) {
  const form = button.form;
  for (const other of form.querySelectorAll("[data-number]")) other.setAttribute("aria-pressed", other === button);
  const phrases = phrasesOf(form, button.value);
  for (const part of form.querySelectorAll("[data-phrases]")) part.hidden = part.dataset.phrases !== button.value;
  const fold = form.querySelector(".phrases");
  if (fold) fold.open = phrases.length > 0;
  armed = { field: textOf(form), phrases };
  armed.field.focus();
  const more = phrases.length ? ` 1–${phrases.length} puts in a phrase.` : "";
  tell(form, `${button.dataset.label}.${more} Ctrl+Enter sends.`);
}

function put(field, words) {
  field.value = words;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function onField(event) {
  const field = event.target;
  const form = field.form;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    const button = chosenIn(form);
    if (button) form.requestSubmit(button);
    else tell(form, "Choose first: Esc, then a number, or one of the buttons.");
  } else if (event.key === "Escape") {
    armed = null;
    field.blur();
  } else if (armed?.field === field && /^[1-9]$/.test(event.key)) {
    const phrase = armed.phrases[event.key - 1];
    const untouched = !field.value || armed.phrases.some((other) => other.textContent === field.value);
    if (!phrase || !untouched) return void (armed = null);
    event.preventDefault();
    put(field, phrase.textContent);
  } else if (!["Shift", "Control", "Alt", "Meta"].includes(event.key)) armed = null;
  return undefined;
}

// --- pressing

function press(element) {
  if (!element || element.disabled) return false;
  element.click();
  return true;
}

function onKey(event) {
  if (event.target.matches?.("[data-numbered] textarea")) return onField(event);
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return undefined;
  if (!keysAct() || document.querySelector("dialog[open]")) return undefined;
  const key = event.key.toLowerCase();
  if (key === "enter" && PLACES.has(event.target.localName) && !event.target.matches("[data-rows] a.row")) return undefined;
  const number = /^[1-9]$/.test(key) && document.querySelector(`[data-number="${key}"]`);
  let done = false;
  if (number) {
    choose(number);
    done = true;
  } else if (rows().length && document.querySelector("#row-actions")) done = onRow(key);
  if (!done && /^[a-z?]$/.test(key)) done = press(document.querySelector(`[data-key="${key}"]`));
  if (done) event.preventDefault();
  return undefined;
}

export function watchKeys() {
  showState();
  for (const button of document.querySelectorAll("[data-number]")) {
    button.dataset.label = button.textContent.replace(/\d/g, "").trim();
  }
  document.addEventListener("keydown", onKey);
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-keys-switch]")) keep(event.target.checked);
  });
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest?.("[data-rows] tr")?.querySelector("a.row");
    if (row) last = row.id;
  });
  document.addEventListener("click", (event) => {
    const phrase = event.target.closest?.("[data-phrase]");
    if (phrase) {
      const field = textOf(phrase.closest("form"));
      put(field, phrase.textContent);
      field.focus();
    }
    if (event.target.closest?.("[data-keys-list]")) document.querySelector("#keys")?.showModal();
    if (event.target.id === "keys") event.target.close(); // the ground beside the list
  });
  for (const notice of document.querySelectorAll("[data-vanishes]")) {
    const wait = () => (notice.matches(":focus-within, :hover") ? setTimeout(wait, 5000) : notice.remove());
    setTimeout(wait, Number(notice.dataset.vanishes) * 1000);
  }
}
