// A row opens beside the table; the same address opens as a page of its own in a new tab, on a phone, without JavaScript.

const WIDE = window.matchMedia("(min-width: 1000px)");

export function watchSlide() {
  const dialog = document.querySelector("#slide-over");
  if (!dialog) return;
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-slide]");
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!link || !plain || !WIDE.matches || !window.htmx) return;
    event.preventDefault();
    window.htmx
      .ajax("GET", link.href, { target: "#slide", swap: "outerHTML" })
      .then(() => dialog.open || dialog.showModal());
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // the ground beside the panel
  });
}
