// Keeps every element with a data-poll address fresh: asks the server for the same piece of page and
// puts it in place, until the server stops sending data-poll. Tells the page by the event "polled".

const EVERY_MS = 3000;

async function refresh(element) {
  const answer = await fetch(element.dataset.poll, { credentials: "same-origin" });
  if (!answer.ok || answer.redirected) return;
  const piece = document.createRange().createContextualFragment(await answer.text());
  const fresh = piece.firstElementChild;
  element.replaceWith(piece);
  fresh?.dispatchEvent(new CustomEvent("polled", { bubbles: true }));
}

function refreshAll() {
  if (document.hidden) return;
  for (const element of document.querySelectorAll("[data-poll]")) {
    refresh(element).catch(() => {}); // the network came and went: try again next time
  }
}

setInterval(refreshAll, EVERY_MS);
