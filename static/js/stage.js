// The photo: zoom, drag, loupe, regions that are switched one by one or by keys.

import { isTyping, keysAct } from "./keys.js";

const STEPS = [1, 1.5, 2, 3, 4, 6, 8];
const LOUPE_SHARE = 6; // the loupe shows one sixth of the photo's longer side

const stageNow = () => document.querySelector("dialog[open] [data-stage]") || document.querySelector("main [data-stage]");
const scopeOf = (stage) => stage.closest("#slide, .case") || document;

function setZoom(stage, zoom) {
  const view = stage.querySelector(".view");
  const before = Number(stage.dataset.zoom || 1);
  const x = (view.scrollLeft + view.clientWidth / 2) / before;
  const y = (view.scrollTop + view.clientHeight / 2) / before;
  stage.dataset.zoom = zoom;
  stage.querySelector(".sheet").style.setProperty("--zoom", zoom);
  view.classList.toggle("zoomed", zoom > 1);
  view.scrollLeft = x * zoom - view.clientWidth / 2;
  view.scrollTop = y * zoom - view.clientHeight / 2;
}

function zoom(stage, way) {
  const now = Number(stage.dataset.zoom || 1);
  if (way === "fit") return setZoom(stage, 1);
  const next = way === "in" ? STEPS.find((step) => step > now) : STEPS.filter((step) => step < now).pop();
  return next ? setZoom(stage, next) : undefined;
}

const regionsOf = (stage) => [...stage.querySelectorAll(".regions .region")];

function showOnly(stage, shown) {
  for (const region of regionsOf(stage)) {
    region.classList.toggle("off", !shown(region.dataset.finding));
  }
  syncSwitches(stage);
}

function syncSwitches(stage) {
  const regions = regionsOf(stage);
  for (const region of regions) {
    const box = scopeOf(stage).querySelector(`[data-switch="${region.dataset.finding}"]`);
    if (box) box.checked = !region.classList.contains("off");
  }
  const all = stage.querySelector("[data-regions-all]");
  if (all) all.setAttribute("aria-pressed", regions.some((region) => !region.classList.contains("off")));
}

function toggleAll(stage) {
  const anyShown = regionsOf(stage).some((region) => !region.classList.contains("off"));
  showOnly(stage, () => !anyShown);
}

function light(number, on, scope) {
  for (const part of scope.querySelectorAll(`.regions [data-finding="${number}"], #finding-${number}`)) {
    part.classList.toggle("lit", on);
  }
}

function toggleLoupe(stage) {
  const button = stage.querySelector("[data-loupe]");
  const on = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", on);
  stage.querySelector(".view").classList.toggle("loupe-on", on);
  document.querySelector("body > .loupe, dialog > .loupe")?.remove();
}

function moveLoupe(stage, event) {
  const photo = stage.querySelector(".photo");
  const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(photo.getScreenCTM().inverse());
  const box = photo.viewBox.baseVal;
  const home = stage.closest("dialog") || document.body;
  let loupe = home.querySelector(":scope > .loupe");
  if (point.x < 0 || point.y < 0 || point.x > box.width || point.y > box.height) return void loupe?.remove();
  if (!loupe) {
    loupe = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    loupe.setAttribute("class", "loupe");
    loupe.setAttribute("aria-hidden", "true");
    loupe.append(photo.querySelector("image").cloneNode());
    home.append(loupe);
  }
  const side = Math.max(box.width, box.height) / LOUPE_SHARE / Number(stage.dataset.zoom || 1);
  loupe.setAttribute("viewBox", `${point.x - side / 2} ${point.y - side / 2} ${side} ${side}`);
  const below = event.clientY < 260;
  loupe.style.left = `${Math.min(Math.max(event.clientX - 110, 4), window.innerWidth - 228)}px`;
  loupe.style.top = `${below ? event.clientY + 28 : event.clientY - 250}px`;
  return undefined;
}

function drag(view, start) {
  const from = { x: start.clientX + view.scrollLeft, y: start.clientY + view.scrollTop };
  const move = (event) => {
    view.scrollLeft = from.x - event.clientX;
    view.scrollTop = from.y - event.clientY;
  };
  view.setPointerCapture(start.pointerId);
  view.addEventListener("pointermove", move);
  view.addEventListener("pointerup", () => view.removeEventListener("pointermove", move), { once: true });
}

function onClick(event) {
  const stage = event.target.closest("[data-stage]");
  if (!stage) return;
  const tool = event.target.closest("[data-zoom], [data-loupe], [data-regions-all]");
  if (tool && tool !== stage) {
    if ("loupe" in tool.dataset) toggleLoupe(stage);
    else if ("regionsAll" in tool.dataset) toggleAll(stage);
    else zoom(stage, tool.dataset.zoom);
    return;
  }
  const region = event.target.closest(".region");
  if (region) scopeOf(stage).querySelector(`#finding-${region.dataset.finding}`)?.scrollIntoView({ block: "center" });
}

// Where plain numbers choose a decision, those of the regions take Shift. By place, as Shift turns a number into a sign.
function numberOf(event) {
  if (event.shiftKey) return /^Digit([1-9])$/.exec(event.code)?.[1] ?? "";
  const taken = document.querySelector("[data-number]") && !document.querySelector("dialog[open]");
  return !taken && /^[1-9]$/.test(event.key) ? event.key : "";
}

function onKey(event) {
  if (!keysAct() || isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  const stage = stageNow();
  if (!stage || document.querySelector("#keys[open]")) return;
  const key = event.key.toLowerCase();
  const number = numberOf(event);
  if (key === "x") toggleAll(stage);
  else if (key === "0") showOnly(stage, () => true);
  else if (number) {
    if (!regionsOf(stage).some((region) => region.dataset.finding === number)) return;
    showOnly(stage, (other) => other === number);
    scopeOf(stage).querySelector(`#finding-${number}`)?.scrollIntoView({ block: "nearest" });
  } else if (key === "+" || key === "=") zoom(stage, "in");
  else if (key === "-") zoom(stage, "out");
  else if (key === "f") zoom(stage, "fit");
  else if (key === "l") toggleLoupe(stage);
  else return;
  event.preventDefault();
}

export function watchStages() {
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", onKey);
  document.addEventListener("change", (event) => {
    const number = event.target.dataset?.switch;
    const stage = number && event.target.closest("#slide, .case")?.querySelector("[data-stage]");
    if (!stage) return;
    stage.querySelector(`.regions [data-finding="${number}"]`)?.classList.toggle("off", !event.target.checked);
    syncSwitches(stage);
  });
  for (const [name, on] of [["pointerover", true], ["pointerout", false], ["focusin", true], ["focusout", false]]) {
    document.addEventListener(name, (event) => {
      const part = event.target.closest?.(".card[id], .regions .region");
      const scope = part?.closest("#slide, .case");
      if (scope) light(part.dataset.finding || part.id.replace("finding-", ""), on, scope);
    });
  }
  document.addEventListener("pointermove", (event) => {
    const view = event.target.closest?.(".view.loupe-on");
    if (view) moveLoupe(view.closest("[data-stage]"), event);
    else document.querySelector(".loupe")?.remove();
  });
  document.addEventListener("pointerdown", (event) => {
    const view = event.target.closest?.(".view.zoomed");
    if (view && event.pointerType === "mouse" && event.button === 0) drag(view, event);
  });
}
