// Passing messages: gone after 8 seconds unless they tell of a failure, at once by their button.
// `slip(text, {bad})` shows one more; other modules import it.

const STAY_MS = 8000;

function arm(element) {
  if (element.querySelector(".slip-close")) return; // a page may load this module under two addresses
  const close = document.createElement("button");
  close.type = "button";
  close.className = "slip-close";
  close.setAttribute("aria-label", "Đóng lời nhắn");
  close.textContent = "×";
  close.addEventListener("click", () => element.remove());
  element.append(close);
  if (element.classList.contains("bad")) return;
  let timer = setTimeout(() => element.remove(), STAY_MS);
  element.addEventListener("pointerenter", () => clearTimeout(timer));
  element.addEventListener("focusin", () => clearTimeout(timer));
  element.addEventListener("pointerleave", () => {
    clearTimeout(timer);
    timer = setTimeout(() => element.remove(), STAY_MS);
  });
}

export function slip(text, { bad = false } = {}) {
  const element = document.createElement("div");
  element.className = bad ? "slip bad" : "slip";
  element.setAttribute("role", bad ? "alert" : "status");
  const words = document.createElement("span");
  words.textContent = text;
  element.append(words);
  document.querySelector(".slips").append(element);
  arm(element);
}

document.querySelectorAll(".slip").forEach(arm);
