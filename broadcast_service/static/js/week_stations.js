// “Chọn cả 9 đài” above a list of ticks: all on, or all off when all are on.

for (const fieldset of document.querySelectorAll("fieldset[data-all]")) {
  const ticks = [...fieldset.querySelectorAll('input[type="checkbox"]')];
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-sm btn-quiet mb-2";
  button.textContent = fieldset.dataset.all;
  button.addEventListener("click", () => {
    const on = ticks.some((tick) => !tick.checked);
    ticks.forEach((tick) => (tick.checked = on));
  });
  fieldset.querySelector(".picks").before(button);
}
