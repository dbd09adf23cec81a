// “Chép”: puts the text of a field on the clipboard, or selects it where the clipboard is closed to us.

import { slip } from "./slips.js";

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      slip("Đã chép liên kết.");
    } catch {
      slip("Liên kết đã được chọn, bấm Ctrl+C để chép.");
    }
  });
}
