// A folder of many photos: sent in batches with one progress for all; what is refused is listed, the rest is counted.

import { MEGA, Sender, batches, isJunk, isPhoto, many, pace, watchDrop } from "./files.js";

class Sending extends Sender {
  async start(chosen) {
    if (this.busy || !chosen.length) return;
    this.busy = true;
    this.stopped = false;
    this.counts = { new: 0, again: 0, known: 0, refused: 0 };
    this.list.replaceChildren();
    this.sent.textContent = "";
    const files = this.takeable(chosen.filter((file) => !isJunk(file)));
    this.total = files.reduce((sum, file) => sum + file.size, 0);
    this.done = 0;
    this.started = performance.now();
    this.all.hidden = false;
    this.drop(true);
    const broken = await this.sendAll(batches(files, Number(this.form.dataset.maxFiles)));
    this.all.hidden = true;
    this.drop(false);
    this.busy = false;
    this.say(broken);
    await this.refresh();
    window.htmx?.trigger(document.body, "examined"); // the table of all photos has new rows
  }

  // What the server would refuse for its size or kind is not sent at all.
  takeable(files) {
    const limit = Number(this.form.dataset.maxBytes);
    return files.filter((file) => {
      if (!isPhoto(file)) {
        return this.refuse(file, "This is no photo that can be examined. JPEG, PNG, WebP, HEIC and AVIF are taken.");
      }
      if (file.size <= limit) return true;
      return this.refuse(file, `The file has ${Math.round(file.size / MEGA)} MB; at most ${limit / MEGA} MB are accepted.`);
    });
  }

  refuse(file, sentence) {
    const item = this.form.querySelector("template").content.firstElementChild.cloneNode(true);
    item.querySelector(".name").textContent = file.name;
    item.querySelector(".because").textContent = sentence;
    this.list.append(item);
    this.counts.refused += 1;
    return false;
  }

  async sendAll(groups) {
    for (const group of groups) {
      const size = group.reduce((sum, file) => sum + file.size, 0);
      const answered = await this.send(group) || (!this.stopped && await this.send(group)); // once more after a hiccup
      if (this.stopped) return "Stopped.";
      if (!answered) return "The connection broke, or the server did not answer.";
      this.done += size;
      this.show(0);
      await this.refresh();
    }
    return "";
  }

  send(group) {
    return new Promise((ended) => {
      const body = new FormData();
      const request = new XMLHttpRequest();
      body.append("csrfmiddlewaretoken", this.form.elements.csrfmiddlewaretoken.value);
      for (const file of group) body.append("photos", file, file.name);
      request.upload.addEventListener("progress", (event) => this.show(event.loaded));
      request.addEventListener("loadend", () => {
        const taken = request.status === 200 && request.responseText.includes("data-became");
        if (taken) this.count(request.responseText);
        ended(taken);
      });
      request.open("POST", this.form.action);
      request.setRequestHeader("HX-Request", "true");
      request.send(body);
      this.request = request;
    });
  }

  count(html) {
    const answer = document.createElement("template");
    answer.innerHTML = html; // our own template, its values escaped there
    for (const item of answer.content.querySelectorAll("[data-became]")) {
      this.counts[item.dataset.became] += 1;
      if (item.dataset.became === "refused") this.list.append(item);
    }
  }

  show(more) {
    const sent = Math.min(this.done + more, this.total);
    this.bar.value = this.total ? sent / this.total : 1;
    this.rate.textContent = pace(sent, this.total, this.started);
  }

  say(broken) {
    const { new: fresh, again, known, refused } = this.counts;
    const parts = [`${many(fresh + again, "photo")} received`];
    if (known) parts.push(`${known} here already`);
    if (refused) parts.push(`${refused} not taken`);
    const rest = " What was received is safe. Choose the folder again to send the rest: photos that are here already count once.";
    this.sent.textContent = `${broken ? `${broken} ` : ""}${parts.join(", ")}.${broken ? rest : ""}`;
  }

  drop(busy) {
    for (const input of this.form.querySelectorAll("input[type=file]")) input.disabled = busy;
  }

  async refresh() {
    await window.htmx?.ajax("GET", this.form.dataset.result, { target: "#result", swap: "outerHTML" });
  }
}

export function watchCertify() {
  document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
  const form = document.querySelector("[data-certify]");
  if (!form) return;
  const sending = new Sending(form);
  for (const input of form.querySelectorAll("input[type=file]")) {
    input.addEventListener("change", () => {
      const files = [...input.files];
      input.value = "";
      sending.start(files);
    });
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("beforeunload", (event) => {
    if (sending.busy) event.preventDefault();
  });
  watchDrop(form.querySelector(".drop"), (files) => sending.start(files));
}
