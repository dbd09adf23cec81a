// The operator's page: play in place, the time that is left, the question before the hour.
// Without this module the browser's own controls are shown and the server asks on a page of its own.

import { slip } from "./slips.js";

function enhancePlayer(card) {
  const audio = card.querySelector("audio");
  const button = card.querySelector(".big");
  const word = button.querySelector("[data-word]");
  const done = card.querySelector("[data-done]");
  const length = Number(card.dataset.lengthMs) / 1000;

  audio.hidden = true;
  button.hidden = false;

  function show() {
    const playing = !audio.paused && !audio.ended;
    const state = playing ? "playing" : audio.currentTime > 0 && !audio.ended ? "paused" : "stopped";
    word.textContent = word.dataset[state];
    button.querySelector('[data-when="playing"]').hidden = !playing;
    button.querySelector('[data-when="stopped"]').hidden = playing;
  }

  function fill() {
    if (!done) return;
    const width = audio.ended ? 0 : Math.min(220, (220 * audio.currentTime) / length);
    done.setAttribute("width", width);
    done.setAttribute("viewBox", `0 0 ${width} 40`);
  }

  button.addEventListener("click", () => {
    if (audio.paused) audio.play().catch(() => {});
    else audio.pause();
  });
  for (const event of ["play", "pause", "ended"]) audio.addEventListener(event, show);
  for (const event of ["timeupdate", "ended"]) audio.addEventListener(event, fill);
  audio.addEventListener("error", () => {
    slip(audio.dataset.failed, { bad: true });
    show();
  });
  if ("mediaSession" in navigator) {
    navigator.mediaSession.metadata = new MediaMetadata({ title: card.dataset.title, artist: card.dataset.artist });
  }
}

function keepTime(element) {
  const starts = new Date(element.dataset.starts);
  const ends = new Date(element.dataset.ends);
  const ahead = Math.ceil((starts - Date.now()) / 60000);
  let words = element.dataset.hours.replace("{h}", Math.floor(ahead / 60)).replace("{m}", ahead % 60);
  if (ahead % 60 === 0) words = words.replace(/ 0 .*$/, "");
  if (ahead >= 2880) words = element.dataset.days.replace("{d}", Math.floor(ahead / 1440));
  if (ahead < 60) words = element.dataset.minutes.replace("{m}", ahead);
  if (ahead <= 0) words = element.dataset.now;
  if (Date.now() >= ends) words = element.dataset.over;
  element.textContent = words;
}

function ask(form) {
  const dialog = document.getElementById(form.dataset.sure);
  if (!dialog?.showModal) return;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    dialog.showModal();
  });
  dialog.querySelector("[data-close]").addEventListener("click", (event) => {
    event.preventDefault();
    dialog.close();
  });
}

function enhance(root) {
  root.querySelectorAll("[data-player]").forEach(enhancePlayer);
}

enhance(document);
document.addEventListener("polled", (event) => {
  if (event.target.matches("[data-player]")) enhancePlayer(event.target);
});
document.querySelectorAll("form[data-sure]").forEach(ask);
setInterval(() => document.querySelectorAll("[data-starts]").forEach(keepTime), 20000);
