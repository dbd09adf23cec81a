// “Nghe thử”: a link marked data-hear plays its sound in place. With data-hear-from="id" it says what stands in
// that field now; such a link is hidden without this module. With data-hear-voice="id" it says it in the voice that is
// chosen there, and with data-hear-with="id id" it tells what stands in those fields by their ids. A list
// marked data-fills="id" puts what is chosen into that field.

import { listen } from "./listen.js";
import { slip } from "./slips.js";

async function play(link) {
  const field = document.getElementById(link.dataset.hearFrom ?? "");
  const address = new URL(link.href);
  if (field) address.searchParams.set("text", field.value);
  const voice = document.getElementById(link.dataset.hearVoice ?? "");
  if (voice?.value) address.searchParams.set("voice", voice.value);
  for (const id of (link.dataset.hearWith ?? "").split(" ").filter(Boolean)) {
    address.searchParams.set(id, document.getElementById(id).value);
  }
  link.setAttribute("aria-busy", "true");
  const why = await listen(address.href);
  link.removeAttribute("aria-busy");
  if (why) slip(why, { bad: true });
}

for (const list of document.querySelectorAll("select[data-fills]")) {
  list.parentElement.hidden = false;
  list.addEventListener("change", () => (document.getElementById(list.dataset.fills).value = list.value));
}

document.querySelectorAll("[data-hear-from]").forEach((link) => (link.hidden = false));

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-hear]");
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  play(link);
});
