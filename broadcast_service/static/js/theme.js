// The account menu: its dark background switch, and closing it by Esc or a click elsewhere.

const root = document.documentElement;

for (const button of document.querySelectorAll("[data-theme-switch]")) {
  const show = () => button.setAttribute("aria-pressed", String(root.dataset.bsTheme === "dark"));
  button.hidden = false;
  show();
  button.addEventListener("click", () => {
    root.dataset.bsTheme = root.dataset.bsTheme === "dark" ? "light" : "dark";
    try {
      localStorage.setItem("nen", root.dataset.bsTheme);
    } catch {
      // the choice lasts for this page only
    }
    show();
  });
}

for (const menu of document.querySelectorAll("details[data-menu]")) {
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}
