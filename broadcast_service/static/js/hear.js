// “Nghe thử”: a link marked data-hear plays its sound in place. With data-hear-from="id" it says what stands in
// that field now; such a link is hidden without this module. Markup: templates/lexicon/_pieces.html.

const audio = new Audio();

function note(link, text) {
  const place = link.nextElementSibling;
  if (place?.matches("[data-hear-note]")) place.textContent = text;
}

function play(link) {
  const field = document.getElementById(link.dataset.hearFrom ?? "");
  const address = new URL(link.href);
  if (field) address.searchParams.set("text", field.value);
  note(link, "");
  audio.src = address.href;
  audio.play().catch((error) => {
    if (error.name !== "AbortError") note(link, link.dataset.failed ?? "");
  });
}

document.querySelectorAll("[data-hear-from]").forEach((link) => (link.hidden = false));

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-hear]");
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  play(link);
});
