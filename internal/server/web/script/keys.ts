// The keyboard: j and k move through rows, x picks, e edits, Enter opens, Esc
// closes, n makes a new one. Nothing is taken from somebody who types.
import { editCell } from "./editing";
import { closeDrawer, current, open, pick, rows } from "./grid";

export function keys(root: Document): void {
  root.addEventListener("keydown", (event) => {
    const target = event.target as HTMLElement;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!(target instanceof Element) || target.closest("input:not([type=checkbox]), textarea, select, [contenteditable], dialog[open]")) return;
    if (handle(event)) event.preventDefault();
  });
}

function handle(event: KeyboardEvent): boolean {
  const list = rows();
  const at = list.findIndex((row) => row.classList.contains("cur"));
  const row = list[at];
  switch (event.key) {
    case "j":
      return move(list, Math.min(at + 1, list.length - 1));
    case "k":
      return move(list, Math.max(at - 1, 0));
    case "x":
    case "X":
      if (row) pick(row, event.key === "X");
      return !!row;
    case "e":
      return edit(row);
    case "Enter":
      if (!row || (event.target as Element).closest("a, button, summary")) return false;
      open(row);
      return true;
    case "?":
      location.href = "/help/keyboard";
      return true;
    case "Escape":
      closeDrawer();
      return true;
  }
  const button = document.querySelector<HTMLElement>(`main [data-key="${CSS.escape(event.key)}"]:not(tr)`);
  button?.click();
  return !!button;
}

function move(list: HTMLTableRowElement[], to: number): boolean {
  if (!list[to]) return false;
  current(list[to]);
  list[to].querySelector<HTMLElement>(".main-cell a")?.focus({ preventScroll: true });
  if (document.getElementById("drawer")) open(list[to]);
  return true;
}

function edit(row?: HTMLTableRowElement): boolean {
  const cell = row?.querySelector<HTMLElement>("td[data-field]:not(.main-cell)") ?? row?.querySelector<HTMLElement>("td[data-field]");
  if (cell) {
    void editCell(cell);
    return true;
  }
  const link = document.querySelector<HTMLAnchorElement>('main [data-key="e"]');
  link?.click();
  return !!link;
}
