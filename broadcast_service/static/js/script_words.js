// The panel of a word, opened from a marked span or from words selected in the written text; “Nghe thử” in place;
// Enter in a question's field means that question. Without this module the same forms are pages of their own.
// Markup: templates/scripts/_word.html, _ask.html.

import { hush, listen } from "./listen.js";
import { slip } from "./slips.js";

const LONGEST_HEARD = 200;

// --- hearing what is chosen now

function chosen(ask) {
  const own = ask?.querySelector("[data-own]")?.value.trim();
  return own || ask?.querySelector("input[type=radio][data-said]:checked")?.dataset.said || "";
}

async function hear(button) {
  const box = button.closest("[data-ask]") ?? button.closest("dialog, .word-panel");
  const note = box.querySelector("[data-hear-note]") ?? box.parentElement.querySelector("[data-hear-note]");
  const text = button.dataset.said ?? chosen(button.closest("[data-ask]"));
  note.textContent = "";
  if (!text) {
    note.textContent = "Cách này không đọc gì nên không có gì để nghe.";
    return;
  }
  const address = new URL(button.dataset.hearNow, window.location.href);
  address.searchParams.set("text", text.slice(0, LONGEST_HEARD));
  note.textContent = await listen(address.href);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-hear-now]");
  if (!button) return;
  event.preventDefault();
  hear(button);
});

// --- questions: a candidate that is ticked takes the place of own words, Enter uses just this answer

for (const ask of document.querySelectorAll(".ask[data-ask]")) {
  const own = ask.querySelector("[data-own]");
  ask.addEventListener("change", (event) => {
    if (event.target.type === "radio") own.value = "";
  });
  own.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    ask.querySelector("[data-use]").click();
  });
}

// --- the panel

const panel = document.querySelector("[data-word-panel]");

async function open(address, fallback) {
  const asked = new URL(address, window.location.href);
  asked.searchParams.set("piece", 1);
  try {
    const answer = await fetch(asked, { credentials: "same-origin" });
    if (answer.redirected || (!answer.ok && answer.status !== 422)) throw new Error(answer.status);
    panel.innerHTML = await answer.text();
  } catch {
    if (fallback) window.location.assign(address);
    else slip("Chưa mở được chỗ này. Xin thử lại.", { bad: true });
    return;
  }
  panel.showModal();
}

if (panel) {
  document.addEventListener("click", (event) => {
    const span = event.target.closest("a.say");
    if (!span || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (!window.getSelection().isCollapsed) return;
    for (const twin of document.querySelectorAll(`.say[data-pair="${span.dataset.pair}"]`)) twin.classList.add("picked");
    open(span.href, true);
  });
  panel.addEventListener("click", (event) => {
    const outside = event.target === panel;
    if (!outside && !event.target.closest("[data-close]")) return;
    event.preventDefault();
    panel.close();
  });
  panel.addEventListener("close", () => {
    hush();
    for (const span of document.querySelectorAll(".say.picked")) span.classList.remove("picked");
  });
}

// --- words selected in the written text

const pick = document.querySelector("[data-pick]");

function offset(paragraph, node, place) {
  const range = document.createRange();
  range.setStart(paragraph, 0);
  range.setEnd(node, place);
  return [...range.toString()].length; // characters, as the server counts them
}

function offer() {
  const selection = window.getSelection();
  pick.hidden = true;
  if (selection.isCollapsed || selection.rangeCount === 0) return;
  const range = selection.getRangeAt(0);
  const paragraph = range.startContainer.parentElement?.closest(".written[data-word]");
  if (!paragraph || !paragraph.contains(range.endContainer)) return;
  if (!range.toString().trim() || range.toString().length > LONGEST_HEARD) return;
  const address = new URL(paragraph.dataset.word, window.location.href);
  address.searchParams.set("start", offset(paragraph, range.startContainer, range.startOffset));
  address.searchParams.set("end", offset(paragraph, range.endContainer, range.endOffset));
  pick.dataset.address = address.href;
  const box = range.getBoundingClientRect();
  pick.hidden = false;
  pick.style.left = `${Math.max(8, Math.min(box.left + window.scrollX, window.innerWidth - pick.offsetWidth - 8))}px`;
  pick.style.top = `${box.bottom + window.scrollY + 6}px`;
}

if (pick && panel) {
  let timer = 0;
  document.addEventListener("selectionchange", () => {
    clearTimeout(timer);
    timer = setTimeout(offer, 250);
  });
  pick.addEventListener("pointerdown", (event) => event.preventDefault()); // the selection stays
  pick.addEventListener("click", () => {
    pick.hidden = true;
    open(pick.dataset.address, false);
  });
}

// --- the spoken text as a whole

for (const button of document.querySelectorAll("[data-copy-spoken]")) {
  const whole = button.parentElement.querySelector("[data-spoken]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(whole.value);
      slip("Đã chép lời đọc.");
    } catch {
      whole.hidden = false;
      whole.select();
      slip("Lời đọc đã được chọn, bấm Ctrl+C để chép.");
    }
  });
}
