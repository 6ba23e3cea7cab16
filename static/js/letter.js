// A letter that is changed before it is sent: copied as it stands, and handed to the mail program as it stands.

const LONGEST = 1900; // of a mailto: address, as vetting/web/letter.py has it

function mailto(letter) {
  const subject = encodeURIComponent(letter.querySelector("#letter-subject").value);
  const body = encodeURIComponent(letter.querySelector("#letter-body").value.replace(/\r?\n/g, "\r\n"));
  const short = `mailto:${encodeURIComponent(letter.dataset.letter).replace("%40", "@")}?subject=${subject}`;
  const whole = `${short}&body=${body}`;
  return whole.length <= LONGEST ? whole : short;
}

async function copy(letter) {
  const body = letter.querySelector("#letter-body, [data-copied]");
  const said = letter.querySelector("[data-said]");
  try {
    await navigator.clipboard.writeText(body.value);
    said.textContent = "Copied.";
  } catch {
    body.select(); // no clipboard for this page: the reader's own keys copy what is selected
    said.textContent = "Selected. Copy it with your keyboard or menu.";
  }
}

export function watchLetters() {
  document.addEventListener("input", (event) => {
    const letter = event.target.closest?.("[data-letter]");
    const link = letter?.querySelector("[data-mail]");
    if (link) link.href = mailto(letter);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (button) copy(button.closest("[data-letter], [data-copies]"));
  });
}
