// The player of a recording: one big button, the wave with its paragraphs, Space, J and K. Without this
// module the browser's own controls are shown. Markup: templates/scripts/_player.html.

const KEEPS_LETTERS = "input, textarea, select, audio, [contenteditable]";
const KEEPS_SPACE = `${KEEPS_LETTERS}, button, a, summary, [role=button]`;

function clock(seconds) {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function enhance(player) {
  const audio = player.querySelector("audio");
  const button = player.querySelector(".play");
  const head = player.querySelector("[data-head]");
  const done = player.querySelector("[data-done]");
  const length = Number(player.dataset.lengthMs) / 1000;
  const numbers = [...document.querySelectorAll(".para-no[data-from-ms]")]; // those of which something is said
  const paragraphs = numbers.map((number) => number.closest(".para"));
  const names = paragraphs.map((paragraph) => Number(paragraph.dataset.para));
  const starts = numbers.map((number) => Number(number.dataset.fromMs) / 1000);
  const heard = new Set(names.filter((_name, index) => paragraphs[index].classList.contains("heard")));
  let since = 0; // where the listening that goes on now began

  audio.hidden = true;
  button.hidden = false;
  player.querySelector("[data-keys]").hidden = !window.matchMedia("(min-width: 768px)").matches;

  const place = () => starts.findLastIndex((start) => start <= audio.currentTime + 0.05);

  function show() {
    const at = Math.min(audio.currentTime, length);
    const here = audio.currentTime > 0 || !audio.paused ? place() : -1;
    player.querySelector("[data-now]").textContent = clock(at);
    const x = `${((100 * at) / length).toFixed(2)}%`;
    head.setAttribute("x1", x);
    head.setAttribute("x2", x);
    const width = Math.max(0.01, (300 * at) / length);
    done.setAttribute("width", width);
    done.setAttribute("viewBox", `0 0 ${width} 40`);
    paragraphs.forEach((paragraph, number) => {
      paragraph.classList.toggle("playing", number === here);
      paragraph.classList.toggle("heard", heard.has(names[number]));
      player.querySelector(`[data-flag="${names[number]}"]`)?.classList.toggle("here", number === here);
    });
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

  function playFrom(number) {
    audio.currentTime = starts[Math.max(0, Math.min(starts.length - 1, number))];
    audio.play();
  }

  function toggle() {
    if (audio.paused) audio.play();
    else audio.pause();
  }

  button.addEventListener("click", toggle);
  audio.addEventListener("play", () => {
    button.setAttribute("aria-label", "Dừng");
    button.querySelector('[data-when="playing"]').hidden = false;
    button.querySelector('[data-when="stopped"]').hidden = true;
    show();
  });
  audio.addEventListener("pause", () => {
    button.setAttribute("aria-label", "Nghe");
    button.querySelector('[data-when="playing"]').hidden = true;
    button.querySelector('[data-when="stopped"]').hidden = false;
    show();
  });
  audio.addEventListener("seeking", () => {
    since = audio.currentTime;
    show();
  });
  audio.addEventListener("timeupdate", () => {
    note();
    show();
  });
  audio.addEventListener("ended", () => {
    note();
    show();
  });
  player.querySelector("[data-wave]").addEventListener("click", (event) => {
    const box = event.currentTarget.getBoundingClientRect();
    audio.currentTime = (length * (event.clientX - box.left)) / box.width;
    audio.play();
  });
  numbers.forEach((number, index) => {
    number.setAttribute("role", "button");
    number.addEventListener("click", (event) => {
      event.preventDefault();
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
