// A table with a tick on each row: one tick for all of the page, and how many are ticked beside the button.

export function watchTicks() {
  for (const form of document.querySelectorAll("[data-ticks]")) {
    const ticks = [...form.querySelectorAll("tbody input[type=checkbox]:not(:disabled)")];
    const all = form.querySelector("[data-tick-all]");
    const said = form.querySelector("[data-ticked]");
    const tell = () => {
      const count = ticks.filter((tick) => tick.checked).length;
      said.textContent = count ? ` (${count})` : "";
      all.checked = count > 0 && count === ticks.length;
      all.indeterminate = count > 0 && count < ticks.length;
    };
    all.addEventListener("change", () => {
      for (const tick of ticks) tick.checked = all.checked;
      tell();
    });
    form.addEventListener("change", (event) => {
      if (event.target !== all) tell();
    });
    tell();
  }
}
