// Many photos at once: an archive in one go, or a folder in batches; then the page of the plan.
import { MEGA, Sender, batches, isJunk, many, pace, placeOf, watchDrop } from "./files.js";

const isArchive = (file) => /\.zip$/i.test(file.name);
const isTable = (file) => /\.(csv|tsv)$/i.test(file.name);
const BROKEN = "The connection broke, or the server did not answer.";

class Sending extends Sender {
  async start(chosen) {
    if (this.busy) return;
    const files = chosen.filter((file) => !isJunk(file));
    const table = this.form.elements.table.files[0];
    const problem = this.problem(files);
    this.list.replaceChildren();
    this.sent.textContent = problem;
    if (problem) return;
    this.begin(files, table);
    const archive = files.find(isArchive);
    const address = archive
      ? await this.archive(archive, table || files.find(isTable))
      : await this.folder(this.takeable(files), table);
    this.busy = false;
    if (address && this.list.children.length) this.offer(address);
    else if (address) window.location.assign(address);
    else this.end();
  }

  // Why none of it is sent, or "".
  problem(files) {
    const archives = files.filter(isArchive).length;
    if (!files.length) return "There is no file in it.";
    if (archives > 1) return "One archive at a time, please.";
    if (archives && files.some((file) => !isArchive(file) && !isTable(file))) {
      return "Send an archive, or loose photos; both at once cannot be told apart.";
    }
    const size = files.reduce((sum, file) => sum + file.size, 0);
    const limit = Number(this.form.dataset.maxAll);
    return size > limit ? `That is ${Math.round(size / MEGA)} MB; at most ${limit / MEGA} MB are taken at once.` : "";
  }

  begin(files, table) {
    this.busy = true;
    this.stopped = false;
    this.total = files.reduce((sum, file) => sum + file.size, table?.size || 0);
    this.done = 0;
    this.started = performance.now();
    this.all.hidden = false;
    this.bar.value = 0;
    this.lock(true);
  }

  end() {
    this.all.hidden = true;
    this.lock(false);
    this.sent.textContent ||= this.stopped ? "Stopped. Nothing was added." : `${BROKEN} Nothing was added. Please try again.`;
    this.sent.textContent += this.page ? " What was received is kept for a few days." : "";
  }

  // Not all of it was taken: what was not is listed here, and the reader goes on when it is read.
  offer(address) {
    const link = document.createElement("a");
    link.href = address;
    link.className = "button primary";
    link.textContent = "Go on with the others";
    this.all.hidden = true;
    this.sent.replaceChildren(`${many(this.list.children.length, "file")} not taken, listed below. `, link);
    link.focus();
  }

  // What the server would refuse for its size is not sent at all; it says the rest in the plan.
  takeable(files) {
    const limit = Number(this.form.dataset.maxBytes);
    return files.filter((file) => {
      if (file.size <= limit) return true;
      this.total -= file.size;
      return this.refuse(file, `The file has ${Math.round(file.size / MEGA)} MB; at most ${limit / MEGA} MB are accepted.`);
    });
  }

  refuse(file, sentence) {
    const item = this.form.querySelector("template").content.firstElementChild.cloneNode(true);
    item.querySelector(".name").textContent = placeOf(file);
    item.querySelector(".because").textContent = sentence;
    this.list.append(item);
    return false;
  }

  async archive(archive, table) {
    const body = new FormData();
    body.append("archive", archive, archive.name);
    if (table) body.append("table", table, table.name);
    const answer = await this.send(this.form.action, body, archive.size);
    return this.landed(answer);
  }

  // The first batch begins an import; the others go to its page; then it is asked to be read.
  async folder(files, table) {
    this.page = "";
    for (const group of batches(files, Number(this.form.dataset.maxFiles))) {
      const answered = await this.batch(group, table) || (!this.stopped && await this.batch(group, table)); // once more
      if (!answered) return "";
    }
    if (!this.page) return "";
    return this.landed(await this.send(`${this.page}read/`, new FormData(), 0));
  }

  async batch(group, table) {
    const body = new FormData();
    const size = group.reduce((sum, file) => sum + file.size, 0);
    for (const file of group) {
      body.append("photos", file, file.name);
      body.append("paths", placeOf(file));
    }
    if (!this.page) {
      const place = placeOf(group[0]);
      body.append("more", "yes");
      body.append("folder", place.includes("/") ? place.split("/")[0] : "Photos");
      if (table) body.append("table", table, table.name);
      this.page = this.landed(await this.send(this.form.action, body, size));
      return Boolean(this.page);
    }
    const request = await this.send(`${this.page}files/`, body, size);
    if (request.status !== 200 || !request.responseText.includes("data-received")) return false;
    this.collect(request.responseText);
    return true;
  }

  collect(html) {
    const answer = document.createElement("template");
    answer.innerHTML = html; // our own template, its values escaped there
    this.list.append(...answer.content.querySelectorAll("[data-refused]"));
  }

  // The page that an accepted form leads to; else what the form says against it is shown.
  landed(request) {
    if (request.status === 200 && /\/imports\/\d+\/$/.test(request.responseURL)) return request.responseURL;
    const answer = document.createElement("template");
    answer.innerHTML = request.responseText; // never put into the page
    this.sent.textContent = answer.content.querySelector("[data-problem]")?.textContent.trim() || "";
    return "";
  }

  send(address, body, size) {
    return new Promise((ended) => {
      const request = new XMLHttpRequest();
      body.append("csrfmiddlewaretoken", this.form.elements.csrfmiddlewaretoken.value);
      request.upload.addEventListener("progress", (event) => this.show(Math.min(event.loaded, size)));
      request.addEventListener("loadend", () => {
        if (request.status === 200) this.done += size;
        this.show(0);
        ended(request);
      });
      request.open("POST", address);
      request.send(body);
      this.request = request;
    });
  }

  show(more) {
    const sent = Math.min(this.done + more, this.total);
    this.bar.value = this.total ? sent / this.total : 1;
    this.rate.textContent = sent < this.total ? pace(sent, this.total, this.started) : "Sent; being stored";
  }

  lock(busy) {
    for (const input of this.form.querySelectorAll("input[type=file]")) input.disabled = busy;
  }
}

export function watchBulk() {
  const form = document.querySelector("[data-bulk]");
  if (!form) return;
  const sending = new Sending(form);
  for (const input of form.querySelectorAll("input[type=file]:not([name=table])")) {
    input.addEventListener("change", () => {
      const files = [...input.files];
      input.value = "";
      if (files.length) sending.start(files);
    });
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("beforeunload", (event) => {
    if (sending.busy) event.preventDefault();
  });
  watchDrop(form.querySelector(".drop"), (files) => sending.start(files));
}
