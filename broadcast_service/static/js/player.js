// The player of a recording: one big button, the wave with its paragraphs or items, Space, J and K; the text follows
// the voice. Without this module the browser's own controls are shown. Markup: templates/scripts/_player.html of a
// script, templates/broadcasts/_player.html of a broadcast. What carries data-from-ms plays from there.

import { Follower, stepsOf } from "./follow.js";
import { slip } from "./slips.js";

const KEEPS_LETTERS = "input, textarea, select, audio, [contenteditable]";
const KEEPS_SPACE = `${KEEPS_LETTERS}, button, a, summary, [role=button]`;

const STEPS_S = { ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5 }; // of the wave, by keyboard

function clock(seconds) {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

// In a script the page is scrolled, above the player that lies over its foot; in a broadcast the box with the text.
function followerOf(player) {
  const isStill = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const said = player.querySelector("[data-said]");
  if (said) {
    return new Follower(
      () => said.getBoundingClientRect(),
      (by) => said.scrollBy({ top: by, behavior: isStill ? "instant" : "smooth" }),
    );
  }
  return new Follower(
    () => ({ top: 0, bottom: Math.min(window.innerHeight, player.getBoundingClientRect().top) }),
    (by) => isStill || window.scrollBy({ top: by, behavior: "smooth" }),
  );
}

// The stream begins at once and goes on over a poor line; who does not take it to its end is given the file. Chromium
// says that it may take it too, but takes no MP3 in it, and seconds pass until it gives up.
function preferStream(audio) {
  const stream = audio.querySelector("[data-stream]");
  if (!stream || !navigator.vendor.startsWith("Apple") || !audio.canPlayType(stream.type)) return;
  audio.prepend(stream);
  audio.load();
  audio.addEventListener("error", () => {
    if (!audio.error || audio.currentSrc !== stream.src) return; // that of a source alone: the browser goes on to the next
    const [place, wasPlaying] = [audio.currentTime, !audio.paused];
    stream.remove();
    audio.load();
    audio.currentTime = place;
    if (wasPlaying) audio.play().catch(() => {});
  });
}

function enhance(player) {
  const audio = player.querySelector("audio");
  preferStream(audio);
  const wave = player.querySelector("[data-wave]");
  const button = player.querySelector(".play");
  const said = player.querySelector("[data-said]"); // where a broadcast shows the text of an item
  const head = player.querySelector("[data-head]");
  const done = player.querySelector("[data-done]");
  const length = Number(player.dataset.lengthMs) / 1000;
  const numbers = [...document.querySelectorAll("[data-from-ms]")]; // of paragraphs: those of which something is said
  const paragraphs = numbers.map((number) => number.closest(".para, .cue"));
  const names = paragraphs.map((paragraph, index) => Number(paragraph.dataset.para ?? index + 1));
  const starts = numbers.map((number) => Number(number.dataset.fromMs) / 1000);
  const heard = new Set(names.filter((_name, index) => paragraphs[index].classList.contains("heard")));
  let at = -1; // the paragraph that is shown as playing
  let since = 0; // where the listening that goes on now began

  audio.hidden = true;
  button.hidden = false;
  player.querySelector("[data-keys]").hidden = !window.matchMedia("(min-width: 768px)").matches;

  const follower = followerOf(player);
  let pieces = null; // what is said when, once it was asked for
  let shown = -2; // of which item the text is shown

  const place = () => starts.findLastIndex((start) => start <= audio.currentTime + 0.05);

  function tellPlace(now) {
    wave.setAttribute("aria-valuenow", String(Math.round(now)));
    wave.setAttribute("aria-valuetext", `${clock(now)} trên ${clock(length)}`);
  }

  function show() {
    const now = Math.min(audio.currentTime, length);
    at = place();
    const here = audio.currentTime > 0 || !audio.paused ? at : -1;
    player.querySelector("[data-now]").textContent = clock(now);
    tellPlace(now);
    const x = `${((100 * now) / length).toFixed(2)}%`;
    head.setAttribute("x1", x);
    head.setAttribute("x2", x);
    const width = Math.max(0.01, (300 * now) / length);
    done.setAttribute("width", width);
    done.setAttribute("viewBox", `0 0 ${width} 40`);
    paragraphs.forEach((paragraph, number) => {
      paragraph.classList.toggle("playing", number === here);
      paragraph.classList.toggle("heard", heard.has(names[number]));
      player.querySelector(`[data-flag="${names[number]}"]`)?.classList.toggle("here", number === here);
    });
    if (player.dataset.heardAddress) showHeard();
  }

  function showHeard() {
    player.querySelector("[data-heard]").hidden = heard.size === 0;
    player.querySelector("[data-heard-words]").textContent = `Đã nghe ${heard.size} trên ${starts.length} đoạn`;
    const gate = document.querySelector("[data-heard-gate]");
    if (!gate) return;
    const left = starts.length - heard.size;
    gate.textContent = left ? `Nghe hết bản thu, còn ${left} đoạn` : "Đã nghe hết bản thu";
    gate.closest("li").className = left ? "no" : "ok";
  }

  function keep(name) {
    heard.add(name);
    const body = new URLSearchParams({ revision_id: player.dataset.revision, paragraph: name });
    const headers = { "X-CSRFToken": player.dataset.token };
    const kept = fetch(player.dataset.heardAddress, { method: "POST", body, headers, credentials: "same-origin" });
    kept.then((answer) => answer.text()).catch(() => {}); // offline: it is heard again another time
  }

  function note() {
    // A paragraph counts as heard when it went by from its first second to its last without a leap.
    starts.forEach((start, number) => {
      const end = starts[number + 1] ?? length;
      const whole = since <= start + 0.3 && audio.currentTime >= end - 0.6;
      if (whole && !heard.has(names[number])) keep(names[number]);
    });
  }

  function play() {
    audio.play().catch(() => {}); // paused before it began, or the sound can not be had
  }

  function playFrom(number) {
    audio.currentTime = starts[Math.max(0, Math.min(starts.length - 1, number))];
    play();
  }

  function toggle() {
    if (audio.paused) play();
    else audio.pause();
  }

  async function learn() {
    if (pieces) return;
    pieces = [];
    try {
      const answer = await fetch(player.dataset.followAddress, { credentials: "same-origin" });
      if (answer.ok) pieces = (await answer.json()).pieces;
    } catch {
      pieces = null; // offline: the next play asks again
      return;
    }
    if (!said) follower.follow(stepsOf(pieces, paragraphs.map((paragraph) => paragraph.querySelector(".spoken"))));
    shown = -2;
  }

  function showSaid() {
    const here = place();
    if (here === shown || !pieces?.length) return;
    shown = here;
    const [from, until] = [starts[here] ?? 0, starts[here + 1] ?? Infinity].map((start) => 1000 * start - 30);
    const own = pieces.filter((piece) => piece.text && piece.start >= from && piece.start < until);
    const texts = own.map((piece) => {
      const text = document.createElement("p");
      text.textContent = piece.text;
      return text;
    });
    said.querySelector("[data-said-title]").textContent = numbers[here]?.dataset.title ?? "";
    said.querySelector("[data-said-text]").replaceChildren(...texts);
    said.hidden = false;
    said.scrollTop = 0;
    follower.follow(stepsOf(own, texts));
  }

  function tick() {
    if (place() !== at) show(); // the browser tells of the time just four times a second
    if (said) showSaid();
    follower.show(audio.currentTime);
    if (!audio.paused) requestAnimationFrame(tick);
  }

  button.addEventListener("click", toggle);
  audio.addEventListener("play", () => {
    button.setAttribute("aria-label", "Dừng");
    button.querySelector('[data-when="playing"]').hidden = false;
    button.querySelector('[data-when="stopped"]').hidden = true;
    show();
    learn();
    requestAnimationFrame(tick);
  });
  audio.addEventListener("pause", () => {
    button.setAttribute("aria-label", "Nghe");
    button.querySelector('[data-when="playing"]').hidden = true;
    button.querySelector('[data-when="stopped"]').hidden = false;
    show();
  });
  audio.addEventListener("seeking", () => {
    since = audio.currentTime;
    follower.isLost = true;
    show();
    tick();
  });
  audio.addEventListener("timeupdate", () => {
    if (player.dataset.heardAddress) note();
    show();
  });
  audio.addEventListener("ended", () => {
    if (player.dataset.heardAddress) note();
    show();
  });
  const tellFailure = () => {
    const isOver = audio.error || audio.networkState === HTMLMediaElement.NETWORK_NO_SOURCE;
    if (isOver) slip(audio.dataset.failed, { bad: true });
  };
  audio.addEventListener("error", () => setTimeout(tellFailure), true); // also those of its sources, which do not bubble
  wave.addEventListener("click", (event) => {
    const flag = event.target.closest("[data-flag]");
    if (flag) {
      playFrom(names.indexOf(Number(flag.dataset.flag)));
      return;
    }
    const box = event.currentTarget.getBoundingClientRect();
    audio.currentTime = (length * (event.clientX - box.left)) / box.width;
    play();
  });
  const told = wave.getAttribute("aria-label");
  wave.setAttribute("role", "slider");
  wave.setAttribute("tabindex", "0");
  wave.setAttribute("aria-valuemin", "0");
  tellPlace(0);
  wave.setAttribute("aria-valuemax", String(Math.round(length)));
  wave.setAttribute("aria-label", `${told}. Mũi tên: lùi, tới 5 giây`);
  wave.addEventListener("keydown", (event) => {
    const step = STEPS_S[event.key];
    const to = event.key === "Home" ? 0 : event.key === "End" ? length : audio.currentTime + step;
    if (event.ctrlKey || event.altKey || event.metaKey || Number.isNaN(to)) return;
    event.preventDefault();
    audio.currentTime = Math.max(0, Math.min(length, to));
    show();
  });
  numbers.forEach((number, index) => {
    number.setAttribute("role", "button");
    number.tabIndex = 0;
    if (number.dataset.title) number.setAttribute("aria-label", `${number.textContent}, nghe từ “${number.dataset.title}”`);
    number.addEventListener("click", (event) => {
      event.preventDefault();
      playFrom(index);
    });
    number.addEventListener("keydown", (event) => {
      if (event.key !== " " && event.key !== "Enter") return;
      event.preventDefault();
      event.stopPropagation();
      playFrom(index);
    });
  });
  document.addEventListener("keydown", (event) => {
    if (event.target.closest(event.key === " " ? KEEPS_SPACE : KEEPS_LETTERS)) return;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === " ") toggle();
    else if (event.key.toLowerCase() === "j") playFrom(place() - 1);
    else if (event.key.toLowerCase() === "k") playFrom(place() + 1);
    else return;
    event.preventDefault();
  });
}

for (const player of document.querySelectorAll("[data-player]")) enhance(player);
document.addEventListener("polled", (event) => {
  if (event.target.matches("[data-player]")) window.location.reload(); // the paragraphs' true times come with the page
});
