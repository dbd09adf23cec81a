// The lectern sheet: what is written and how it is said light each other up; the printing button.

function light(mark, on) {
  const pair = mark.dataset.pair;
  for (const twin of document.querySelectorAll(`.say[data-pair="${pair}"]`)) twin.classList.toggle("lit", on);
}

for (const mark of document.querySelectorAll(".say[data-pair]")) {
  for (const name of ["pointerenter", "focus"]) mark.addEventListener(name, () => light(mark, true));
  for (const name of ["pointerleave", "blur"]) mark.addEventListener(name, () => light(mark, false));
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
