// Small comforts of forms: a choice that sends itself, columns dragged into
// order, Ctrl-Enter to send.
export function forms(root: Document): void {
  root.addEventListener("change", (event) => {
    const target = event.target as HTMLElement;
    if (target.matches("select[data-submit]")) (target as HTMLSelectElement).form?.requestSubmit();
  });
  root.addEventListener("keydown", (event) => {
    const target = event.target as HTMLElement;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && target instanceof HTMLTextAreaElement) target.form?.requestSubmit();
  });
  dragging(root);
}

function dragging(root: Document): void {
  let moved: HTMLElement | null = null;
  root.addEventListener("mouseover", (event) => {
    const label = (event.target as Element).closest<HTMLElement>("[data-columns] label");
    if (label) label.draggable = true;
  });
  root.addEventListener("dragstart", (event) => {
    moved = (event.target as Element).closest?.("[data-columns] label") as HTMLElement | null;
  });
  root.addEventListener("dragover", (event) => {
    const over = (event.target as Element).closest?.("[data-columns] label") as HTMLElement | null;
    if (!moved || !over || over === moved) return;
    event.preventDefault();
    const after = event.clientY > over.getBoundingClientRect().top + over.offsetHeight / 2;
    over.parentElement?.insertBefore(moved, after ? over.nextSibling : over);
  });
  root.addEventListener("dragend", () => {
    moved = null;
  });
}
