// Two aligned faces: side by side (as without this script), overlaid, or with an edge that is pushed across. By
// delegation, as the faces come into the page once they are compared.

document.addEventListener("change", (event) => {
  const faces = event.target.closest("[data-faces]");
  if (faces && event.target.name === "look") {
    faces.dataset.look = event.target.value;
    mix(faces);
  }
});

document.addEventListener("input", (event) => {
  if (event.target.id === "mix") mix(event.target.closest("[data-faces]"));
});

function mix(faces) {
  const range = faces.querySelector("#mix");
  faces.style.setProperty("--mix", range.value / 100);
  range.setAttribute("aria-valuetext", `${range.value} % ${range.dataset.shows ?? "the picture from the meeting"}`);
}
