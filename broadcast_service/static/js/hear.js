// “Nghe thử”: a link marked data-hear plays its sound in place. With data-hear-from="id" it says what stands in
// that field now; such a link is hidden without this module. With data-hear-voice="id" it says it in the voice that is
// chosen there.

import { slip } from "./slips.js";

const audio = new Audio();

function play(link) {
  const field = document.getElementById(link.dataset.hearFrom ?? "");
  const address = new URL(link.href);
  if (field) address.searchParams.set("text", field.value);
  const voice = document.getElementById(link.dataset.hearVoice ?? "");
  if (voice?.value) address.searchParams.set("voice", voice.value);
  audio.src = address.href;
  link.setAttribute("aria-busy", "true");
  audio
    .play()
    .catch(async (error) => {
      if (error.name !== "AbortError") slip(await whyNot(address), { bad: true });
    })
    .finally(() => link.removeAttribute("aria-busy"));
}

/** What the service says about an address that gives no sound: an <audio> keeps it to itself. */
async function whyNot(address) {
  try {
    const page = new DOMParser().parseFromString(await (await fetch(address)).text(), "text/html");
    return page.querySelector(".nothing .note")?.textContent ?? "Chưa nghe được lời này. Hãy bấm Nghe thử lần nữa.";
  } catch {
    return "Chưa nghe được vì mất mạng. Có mạng thì bấm Nghe thử lần nữa.";
  }
}

document.querySelectorAll("[data-hear-from]").forEach((link) => (link.hidden = false));

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-hear]");
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  play(link);
});
