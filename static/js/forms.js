// Small comforts of forms: focus on errors, filters that act at once, a question before something is removed.

export function watchForms() {
  document.querySelector("[data-focus]")?.focus();
  for (const form of document.querySelectorAll("[data-filters]")) {
    form.addEventListener("change", (event) => {
      if (event.target.matches("select")) form.requestSubmit();
    });
    form.addEventListener("submit", () => {
      for (const input of form.elements) if (input.name && !input.value) input.disabled = true; // short addresses
    });
  }
  document.addEventListener("click", (event) => {
    const asked = event.target.closest?.("[data-confirm]");
    if (asked && !window.confirm(asked.dataset.confirm)) event.preventDefault();
  });
  document.addEventListener("input", (event) => {
    if (!event.target.matches("[data-grows]")) return;
    event.target.style.height = "auto";
    event.target.style.height = `${event.target.scrollHeight + 2}px`;
  });
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
}
