/** Light, dark, or as the device has it. The choice is the only thing this page keeps in the browser. */

const KEY = "theme";

/** @returns {"auto" | "light" | "dark"} */
export function theme() {
  const kept = localStorage.getItem(KEY);
  return kept === "light" || kept === "dark" ? kept : "auto";
}

/** @param {"auto" | "light" | "dark"} choice */
export function setTheme(choice) {
  if (choice === "auto") localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, choice);
  applyTheme();
}

/** Show the chosen theme. */
export function applyTheme() {
  document.documentElement.dataset.theme = theme();
}
