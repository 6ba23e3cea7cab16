// One picture with the camera of this device, put into the form as a file: the form then goes like any other. Without a
// camera, or without this script, the form's own file field does the same. The camera is on only while it is shown.

const JPEG = 0.92;
const WIDTH = 1920; // wished for; a camera that has less gives what it has
const SECOND = 1000;
const LOOK = "Face in the oval, looking into the camera; light from the front; glasses and hat off if they are off in the photo.";
const TAKEN = "Is the face sharp, and whole? Then use it, or take it again.";
const PAUSED = "The camera is off again, as the page was left. Open it once more.";
const REFUSED = {
  NotAllowedError: "The browser may not use the camera here. Allow it beside the address and try again, or send a picture below.",
  NotFoundError: "This device has no camera that the browser can see. Send a picture below.",
  NotReadableError: "Another program is using the camera. Close it and try again, or send a picture below.",
};
const ELSE = "The camera could not be opened. Try again, or send a picture below.";

class Camera {
  constructor(form) {
    const find = (name) => form.querySelector(name);
    this.form = form;
    this.panel = find("[data-camera]");
    this.frame = find("[data-frame]");
    this.video = find("video");
    this.canvas = find("canvas");
    this.says = find(".says");
    this.count = find(".count");
    this.input = find("input[type=file]");
    this.buttons = Object.fromEntries(
      ["open", "take", "switch", "use", "again"].map((name) => [name, find(`[data-${name}]`)]));
    this.counting = find("[data-with-count]");
    this.facing = "environment"; // whoever takes the picture points the phone at the other; a laptop has only one
    this.panel.hidden = false;
    form.classList.add("with-camera");
    this.show("closed");
  }

  // closed: nothing runs; live: the camera's picture; counting: live, about to be taken; taken: the still one
  show(state, words = "") {
    this.state = state;
    const live = state === "live";
    const { open, take, use, again } = this.buttons;
    this.frame.dataset.state = state;
    open.hidden = state !== "closed";
    take.hidden = !live;
    this.buttons.switch.hidden = !(live && this.several);
    this.counting.hidden = !live;
    use.hidden = again.hidden = state !== "taken";
    this.canvas.hidden = state !== "taken";
    this.video.hidden = state === "taken";
    this.says.textContent = words || (state === "taken" ? TAKEN : LOOK);
    if (state === "taken") use.focus();
    else if (live) take.focus();
  }

  async open() {
    this.stop();
    const asked = (this.asked = Symbol("asked"));
    try {
      const wish = { facingMode: { ideal: this.facing }, width: { ideal: WIDTH }, height: { ideal: WIDTH * 0.75 } };
      const stream = await navigator.mediaDevices.getUserMedia({ video: wish, audio: false });
      if (asked !== this.asked || document.hidden) { // left, or asked anew, while the browser asked for leave
        for (const track of stream.getTracks()) track.stop();
        return;
      }
      this.stream = stream;
      const [track] = stream.getVideoTracks();
      track.addEventListener("ended", () => { if (this.stream === stream) this.close(ELSE); });
      this.video.classList.toggle("mirrored", track.getSettings().facingMode === "user");
      this.video.srcObject = stream;
      await this.video.play();
      const devices = await navigator.mediaDevices.enumerateDevices();
      this.several = devices.filter((device) => device.kind === "videoinput").length > 1;
      this.show("live");
    } catch (error) {
      if (asked === this.asked) this.close(REFUSED[error.name] || ELSE);
    }
  }

  stop() {
    this.asked = null;
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.video.srcObject = null;
    this.count.hidden = true;
  }

  close(words) {
    this.stop();
    this.show("closed", words);
  }

  leave() {
    if (this.stream || this.asked) this.close(PAUSED);
  }

  other() {
    this.facing = this.facing === "user" ? "environment" : "user";
    return this.open();
  }

  async take() {
    if (this.form.querySelector("[data-count]").checked && !(await this.countDown())) return;
    const { videoWidth: width, videoHeight: height } = this.video;
    if (!width || this.state === "closed") return;
    this.canvas.width = width;
    this.canvas.height = height;
    this.canvas.getContext("2d").drawImage(this.video, 0, 0, width, height);
    this.stop();
    const blob = await new Promise((done) => { this.canvas.toBlob(done, "image/jpeg", JPEG); });
    if (!blob) return void this.close(ELSE);
    const files = new DataTransfer();
    files.items.add(new File([blob], "meeting.jpg", { type: "image/jpeg" }));
    this.input.files = files.files;
    this.form.elements.how.value = "camera";
    this.show("taken");
  }

  // Whether nothing came between.
  async countDown() {
    const stream = this.stream;
    this.show("counting", "Looking into the camera …");
    this.count.hidden = false;
    for (const left of [3, 2, 1]) {
      this.count.textContent = left;
      await new Promise((done) => { setTimeout(done, SECOND); });
      if (this.stream !== stream) return false;
    }
    this.count.hidden = true;
    return true;
  }

  again() {
    this.forget();
    return this.open();
  }

  forget() {
    this.input.value = "";
    this.form.elements.how.value = "upload";
    this.canvas.width = 0;
  }
}

function watch(form) {
  if (!navigator.mediaDevices?.getUserMedia) return; // no secure address, or an old browser: the file field stays
  const camera = new Camera(form);
  const { open, take, again } = camera.buttons;
  open.addEventListener("click", () => camera.open());
  take.addEventListener("click", () => camera.take());
  again.addEventListener("click", () => camera.again());
  camera.buttons.switch.addEventListener("click", () => camera.other());
  camera.input.addEventListener("change", () => { // chosen by hand: that file counts, not what the camera took
    form.elements.how.value = "upload";
    if (camera.state !== "closed") camera.close();
  });
  document.addEventListener("visibilitychange", () => { if (document.hidden) camera.leave(); });
  window.addEventListener("pagehide", () => camera.leave());
  form.addEventListener("submit", () => camera.stop());
}

const form = document.querySelector("[data-booth]");
if (form) {
  watch(form);
  form.addEventListener("submit", (event) => { // a second tap must not send a second picture
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => { delete form.dataset.sent; });
}
