"use strict";
/* Dark or light: as the system says, until the reader says otherwise. */
(() => {
  const root = document.documentElement;
  const button = document.getElementById("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const dark = () => (root.dataset.theme || (system.matches ? "dark" : "light")) === "dark";
  const say = () => { button.textContent = dark() ? "Light" : "Dark"; };
  button.hidden = false;
  button.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    say();
    document.dispatchEvent(new Event("themechange"));
  });
  system.addEventListener("change", () => { say(); document.dispatchEvent(new Event("themechange")); });
  say();
})();
