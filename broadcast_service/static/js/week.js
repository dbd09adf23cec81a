// The week sheet: filters apply as they are chosen, arrow keys walk the cells, and the button prints.

for (const form of document.querySelectorAll("[data-auto]")) {
  form.querySelector("[data-apply]").hidden = true;
  form.addEventListener("change", () => form.requestSubmit());
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

for (const table of document.querySelectorAll("[data-week]")) {
  const rows = [...table.tBodies[0].rows].filter((row) => row.querySelector("td"));
  const links = rows.map((row) => {
    const cells = Array(8).fill(null);
    row.querySelectorAll("td[data-col]").forEach((cell) => (cells[cell.dataset.col] = cell.querySelector("a.slot")));
    return cells;
  });
  table.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    const here = event.target.closest("a.slot");
    if (!step || !here || event.altKey || event.ctrlKey || event.metaKey) return;
    let row = links.findIndex((cells) => cells.includes(here));
    let column = links[row].indexOf(here);
    for (;;) {
      row += step[0];
      column += step[1];
      if (row < 0 || row >= links.length || column < 0 || column > 7) return;
      const next = links[row][column];
      if (next && next.offsetParent) {
        event.preventDefault();
        next.focus();
        return;
      }
    }
  });
}
