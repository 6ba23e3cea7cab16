// What pages share that send many files: opening folders, batches, and words for sizes and times.

export const MEGA = 1024 * 1024;
const BATCH = { files: 8, bytes: 24 * MEGA };
const PHOTO = /\.(jpe?g|jpe|jfif|png|webp|hei[cf]|avif)$/i;
const NO_FILE = /^(\.|thumbs\.db$|desktop\.ini$)/i; // what file managers leave behind
const places = new WeakMap(); // file -> where it stands in the folder that was dropped
export const mega = (bytes) => (bytes / MEGA).toFixed(1);
export const many = (count, what) => `${count} ${what}${count === 1 ? "" : "s"}`;
export const isPhoto = (file) => PHOTO.test(file.name) || file.type.startsWith("image/");
export const isJunk = (file) => NO_FILE.test(file.name);
export const placeOf = (file) => places.get(file) || file.webkitRelativePath || file.name;

function duration(seconds) {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}

// "3.0 of 12.0 MB sent, 1.5 MB/s, about 6 s left"
export function pace(sent, total, started) {
  const speed = sent / Math.max((performance.now() - started) / 1000, 0.05);
  const left = duration((total - sent) / Math.max(speed, 1));
  return `${mega(sent)} of ${mega(total)} MB sent, ${mega(speed)} MB/s, about ${left} left`;
}

// Every file of what was dropped, folders opened.
async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files];
  return (await Promise.all(entries.map(filesOf))).flat();
}

async function filesOf(entry) {
  if (entry.isFile) {
    const file = await new Promise((done, failed) => entry.file(done, failed));
    places.set(file, entry.fullPath.replace(/^\//, ""));
    return [file];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) { // a reader hands out a hundred at a time
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!some.length) return (await Promise.all(found.map(filesOf))).flat();
    found.push(...some);
  }
}

export function batches(files, maxFiles) {
  const made = [];
  let size = Infinity;
  for (const file of files) {
    const last = made.at(-1);
    if (!last || last.length >= Math.min(BATCH.files, maxFiles) || size + file.size > BATCH.bytes) {
      made.push([file]);
      size = file.size;
    } else {
      last.push(file);
      size += file.size;
    }
  }
  return made;
}

export function watchDrop(drop, take) {
  let depth = 0;
  document.addEventListener("dragover", (event) => event.preventDefault()); // a near miss must not open the file
  document.addEventListener("drop", (event) => event.preventDefault());
  drop.addEventListener("dragenter", () => drop.classList.toggle("over", ++depth > 0));
  drop.addEventListener("dragleave", () => drop.classList.toggle("over", --depth > 0));
  drop.addEventListener("drop", async (event) => {
    depth = 0;
    drop.classList.remove("over");
    if (event.dataTransfer) take(await dropped(event.dataTransfer));
  });
}

// A form that sends many files, with one progress for all of them and a button that stops it.
export class Sender {
  constructor(form) {
    this.form = form;
    this.all = form.querySelector(".sending-all");
    this.bar = this.all.querySelector("progress");
    this.rate = this.all.querySelector(".rate");
    this.sent = form.querySelector(".sent");
    this.list = form.querySelector(".sending");
    this.all.querySelector("button").addEventListener("click", () => this.stop());
    this.busy = false;
  }

  stop() {
    this.stopped = true;
    this.request?.abort();
  }
}
