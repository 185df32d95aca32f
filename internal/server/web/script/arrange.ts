// Widgets are dragged within their column; the form that holds the order is
// sent when one is let go. Without a script their arrows do the same.
import { send } from "./fetch";

export function arrange(root: Document): void {
  let moved: HTMLElement | null = null;
  root.addEventListener("dragstart", (event) => {
    moved = (event.target as Element).closest?.<HTMLElement>("[data-widget][draggable]") ?? null;
    moved?.classList.add("moving");
  });
  root.addEventListener("dragover", (event) => {
    const over = (event.target as Element).closest?.<HTMLElement>("[data-widget][draggable]");
    if (!moved || !over || over === moved || over.parentElement !== moved.parentElement) return;
    event.preventDefault();
    const box = over.getBoundingClientRect();
    const after = event.clientY > box.top + box.height / 2;
    over.parentElement?.insertBefore(moved, after ? over.nextSibling : over);
  });
  root.addEventListener("dragend", () => {
    if (!moved) return;
    moved.classList.remove("moving");
    moved = null;
    const form = document.querySelector<HTMLFormElement>("form[data-arrange]");
    const order = [...document.querySelectorAll<HTMLElement>("[data-widget]")].map((w) => w.dataset.widget ?? "");
    if (form) void send(form.action, new URLSearchParams({ act: "order", order: order.join(",") }));
  });
}
