// Menus and small forms that open from a button (details[data-popup]): one at a
// time, closed by Escape and by a click elsewhere, the focus goes back.
export function popups(root: Document): void {
  const open = () => root.querySelectorAll<HTMLDetailsElement>("details[data-popup][open]");
  root.addEventListener("click", (event) => {
    for (const popup of open()) if (!popup.contains(event.target as Node)) popup.open = false;
  });
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const popup of open()) {
      popup.open = false;
      popup.querySelector("summary")?.focus();
      event.stopPropagation();
    }
  });
}
