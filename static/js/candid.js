// Everything here adds to pages that work without it.
import { watchStages } from "./stage.js";
import { watchUploads } from "./upload.js";
import { watchSlide } from "./slide.js";
import { watchForms } from "./forms.js";
import { watchKeys } from "./keys.js";
import { watchCertify } from "./certify.js";
import { watchBulk } from "./bulk.js";
import { watchLetters } from "./letter.js";
import { watchTicks } from "./ticks.js";

document.documentElement.classList.add("js");
watchStages();
watchUploads();
watchSlide();
watchForms();
watchKeys();
watchCertify();
watchBulk();
watchLetters();
watchTicks();

// A session that ended while the page was polling: go where signing in is asked for, instead of showing it inside.
document.addEventListener("htmx:beforeSwap", (event) => {
  const address = event.detail.xhr.responseURL;
  if (address && new URL(address).pathname === "/sign-in/") {
    event.detail.shouldSwap = false;
    window.location.reload();
  }
});
