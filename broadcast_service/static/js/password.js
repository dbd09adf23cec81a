// “Hiện” beside a password field: what is typed becomes readable until the form is sent.

for (const button of document.querySelectorAll("[data-reveal]")) {
  const inputs = button.dataset.reveal.split(" ").map((id) => document.getElementById(id));
  const show = (readable) => {
    inputs.forEach((input) => (input.type = readable ? "text" : "password"));
    button.setAttribute("aria-pressed", String(readable));
    button.querySelector("span").textContent = readable ? "Giấu" : "Hiện";
  };
  button.hidden = false;
  button.addEventListener("click", () => show(inputs[0].type === "password"));
  button.form.addEventListener("submit", () => show(false));
}
