// Buttons that copy a text of the page (data-copy names it by selector). They
// are hidden without a script: the text can be selected.
export function copies(root: Document): void {
  for (const button of root.querySelectorAll<HTMLButtonElement>("button[data-copy]")) button.hidden = false;
  root.addEventListener("click", async (event) => {
    const button = (event.target as Element).closest<HTMLButtonElement>("button[data-copy]");
    if (!button) return;
    const source = root.querySelector(button.dataset.copy ?? "");
    if (!source) return;
    await navigator.clipboard.writeText(source.textContent ?? "");
    button.classList.add("done");
    setTimeout(() => button.classList.remove("done"), 1500);
  });
}
