// While a script is being written: how it will be read aloud, its syllables and its length, as the server counts them.
// Asked for when typing pauses; an answer that comes too late is thrown away. Markup: templates/scripts/edit.html.

const PAUSE_MS = 500;

for (const box of document.querySelectorAll("[data-reading]")) {
  const form = box.closest("form");
  const place = box.querySelector("[data-reading-place]");
  const texts = [...form.querySelectorAll("[data-reads]")];
  let timer = 0;
  let asking = null;

  async function ask() {
    asking?.abort();
    if (!form.elements.written.value.trim()) {
      place.hidden = true;
      return;
    }
    asking = new AbortController();
    const body = new URLSearchParams({ piece: 1 });
    for (const name of ["csrf_token", "script_id", "written", "spoken"]) {
      if (form.elements[name]) body.set(name, form.elements[name].value);
    }
    try {
      const answer = await fetch(box.dataset.reading, {
        method: "POST",
        body,
        credentials: "same-origin",
        signal: asking.signal,
      });
      if (answer.redirected || (!answer.ok && answer.status !== 422)) return;
      place.innerHTML = await answer.text();
      place.hidden = false;
    } catch {
      // the network came and went, or more was typed: what stands there stays until the next answer
    }
  }

  box.querySelector("[data-reading-button]").hidden = true;
  for (const text of texts) {
    text.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, PAUSE_MS);
    });
  }
  ask();
}
