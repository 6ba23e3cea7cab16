// Several files by drag and drop; each is sent by itself, with its own progress and its own answer.

const MEGA = 1024 * 1024;
const mega = (bytes) => (bytes / MEGA).toFixed(1);

function rate(sent, total, started) {
  const seconds = (performance.now() - started) / 1000;
  const speed = sent / Math.max(seconds, 0.05);
  const left = Math.ceil((total - sent) / Math.max(speed, 1));
  if (sent >= total) return "Sent; being checked";
  return `${mega(sent)} of ${mega(total)} MB, ${mega(speed)} MB/s, about ${left} s left`;
}

function send(form, file, item) {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    const body = new FormData();
    const bar = item.querySelector("progress");
    const words = item.querySelector(".rate");
    const result = item.querySelector(".result");
    const started = performance.now();
    body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    body.append("photos", file);
    request.upload.addEventListener("progress", (event) => {
      bar.value = event.loaded / event.total;
      words.textContent = rate(event.loaded, event.total, started);
    });
    request.addEventListener("loadend", () => {
      bar.remove();
      words.textContent = "";
      if (request.status === 200 && request.responseText.includes("data-receipt")) {
        result.innerHTML = request.responseText; // our own template, its values escaped there
      } else {
        refuse(result, request.status
          ? "The server did not take it. Reload the page and send this file again; the others are not affected."
          : "The connection broke. Nothing of this file was stored; send it again.");
      }
      done();
    });
    request.open("POST", form.action);
    request.setRequestHeader("HX-Request", "true");
    request.send(body);
  });
}

function refuse(result, sentence) {
  const line = document.createElement("p");
  const strong = document.createElement("strong");
  line.className = "receipt refused";
  strong.textContent = "Not taken. ";
  line.append(strong, sentence);
  result.replaceChildren(line);
}

async function sendAll(form, files) {
  const list = form.querySelector(".sending");
  const { maxBytes, maxFiles } = form.dataset;
  const rows = [...files].map((file) => {
    const item = form.querySelector("template").content.firstElementChild.cloneNode(true);
    item.querySelector(".name").textContent = file.name;
    item.querySelector("progress").setAttribute("aria-label", `${file.name}: sent so far`);
    list.append(item);
    return { file, item };
  });
  for (const [index, { file, item }] of rows.entries()) {
    const tooMany = index >= Number(maxFiles);
    if (tooMany || file.size > Number(maxBytes)) {
      item.querySelector("progress").remove();
      refuse(item.querySelector(".result"), tooMany
        ? `At most ${maxFiles} files are taken at once. Please send this one again by itself.`
        : `The file has ${Math.round(file.size / MEGA)} MB; at most ${maxBytes / MEGA} MB are accepted. Please send a smaller version.`);
    } else {
      await send(form, file, item); // one after the other: the first answers come soonest
    }
  }
  refreshCase(form.dataset.case);
}

// The whole case anew, and with it the polling; the answers beside it stay. With the first photo comes the decision.
async function refreshCase(address) {
  await window.htmx?.ajax("GET", address, { target: "#case", swap: "outerHTML" });
  if (document.querySelector("#case [data-stage]")) document.querySelector(".decision")?.removeAttribute("hidden");
}

export function watchUploads() {
  const form = document.querySelector("[data-upload]");
  if (!form) return;
  const drop = form.querySelector(".drop");
  const input = form.querySelector("input[type=file]");
  let depth = 0;
  input.addEventListener("change", async () => {
    const files = [...input.files];
    form.reset();
    await sendAll(form, files);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("dragover", (event) => event.preventDefault()); // a near miss must not open the file
  document.addEventListener("drop", (event) => event.preventDefault());
  drop.addEventListener("dragenter", () => drop.classList.toggle("over", ++depth > 0));
  drop.addEventListener("dragleave", () => drop.classList.toggle("over", --depth > 0));
  drop.addEventListener("drop", (event) => {
    depth = 0;
    drop.classList.remove("over");
    if (event.dataTransfer?.files.length) sendAll(form, event.dataTransfer.files);
  });
}
