// The rundown by hand: Alt+↑↓ moves a cue, Delete drops it, Ctrl+Z takes a drop back, and rows can be dragged.
// Every one of these presses a button or posts the form that is there without this module too.

const form = document.getElementById("sua");
const list = document.querySelector("[data-cues]");
const rows = () => [...list.querySelectorAll(".cue[data-move]")];

function post(action, field, value) {
  const input = document.createElement("input");
  input.type = "hidden";
  input.name = field;
  input.value = value;
  form.append(input);
  form.action = action;
  form.submit();
}

if (form && list) {
  list.addEventListener("keydown", (event) => {
    const row = event.target.closest(".cue[data-move]");
    if (!row) return;
    if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      row.querySelector(`[data-by="${event.key === "ArrowUp" ? -1 : 1}"]`).click();
    } else if (event.key === "Delete" && event.target === row) {
      event.preventDefault();
      row.querySelector("[data-drop]").click();
    } else if ((event.key === "ArrowUp" || event.key === "ArrowDown") && event.target === row) {
      const all = rows();
      const next = all[all.indexOf(row) + (event.key === "ArrowUp" ? -1 : 1)];
      if (next) {
        event.preventDefault();
        next.focus();
      }
    }
  });

  // Dragging starts at the grip only, so that a finger can still scroll the page.
  let dragged = null;
  for (const row of rows()) {
    const grip = row.querySelector(".grip");
    grip.addEventListener("pointerdown", () => (row.draggable = true));
    grip.addEventListener("pointerup", () => (row.draggable = false));
    row.addEventListener("dragstart", (event) => {
      dragged = row;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", row.id);
    });
    row.addEventListener("dragover", (event) => {
      if (!dragged || dragged === row) return;
      event.preventDefault();
      rows().forEach((other) => other.classList.toggle("moved", other === row));
    });
    row.addEventListener("dragleave", () => row.classList.remove("moved"));
    row.addEventListener("dragend", () => {
      row.draggable = false;
      dragged = null;
    });
    row.addEventListener("drop", (event) => {
      if (!dragged || dragged === row) return;
      event.preventDefault();
      post(dragged.dataset.move, "to", row.dataset.place);
    });
  }

  const here = document.querySelector(location.hash || "#khong-co");
  if (here && here.classList.contains("cue")) {
    here.classList.add("moved");
    here.focus({ preventScroll: true });
  }
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input, textarea, select");
  const undo = document.querySelector("[data-undo]");
  if (undo && !typing && event.key === "z" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    undo.click();
  }
});
