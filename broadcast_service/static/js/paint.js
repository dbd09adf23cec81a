// Runs before the first paint: the chosen background, or else the device's own.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("nen");
  } catch {
    // storage is closed to us: follow the device
  }
  const dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.bsTheme = dark ? "dark" : "light";
})();
