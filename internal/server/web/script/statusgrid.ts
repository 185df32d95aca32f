// The grid of controls: arrow keys move from cell to cell, Home and End to the
// ends of a row. Only one cell is in the order of Tab.
export function statusGrid(root: Document): void {
  root.addEventListener("focusin", (event) => {
    const cell = (event.target as Element).closest?.<HTMLElement>("[data-statusgrid] .cell");
    if (cell) stop(cell);
  });
  root.addEventListener("keydown", (event) => {
    const cell = (event.target as Element).closest?.<HTMLElement>("[data-statusgrid] .cell");
    if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = beside(cell, event.key);
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    next.focus();
  });
  const first = root.querySelector<HTMLElement>("[data-statusgrid] .cell");
  if (first) stop(first);
}

const cells = (of: Element) => [...(of.closest("[data-statusgrid]")?.querySelectorAll<HTMLElement>(".cell") ?? [])];

/** stop makes one cell the one Tab comes to. */
function stop(cell: HTMLElement): void {
  for (const c of cells(cell)) c.tabIndex = c === cell ? 0 : -1;
}

function beside(cell: HTMLElement, key: string): HTMLElement | undefined {
  const list = cells(cell);
  const at = list.indexOf(cell);
  switch (key) {
    case "ArrowRight":
      return list[at + 1];
    case "ArrowLeft":
      return list[at - 1];
    case "ArrowDown":
      return nearest(cell, list.slice(at + 1), 1);
    case "ArrowUp":
      return nearest(cell, list.slice(0, at).reverse(), -1);
    case "Home":
      return list.find((c) => c.offsetTop === cell.offsetTop && c.closest(".theme") === cell.closest(".theme"));
    case "End":
      return list.reverse().find((c) => c.offsetTop === cell.offsetTop && c.closest(".theme") === cell.closest(".theme"));
  }
  return undefined;
}

/** nearest gives the cell of the next line that stands closest. */
function nearest(cell: HTMLElement, rest: HTMLElement[], way: number): HTMLElement | undefined {
  const from = cell.getBoundingClientRect();
  const line = rest.find((c) => (c.getBoundingClientRect().top - from.top) * way > 4)?.getBoundingClientRect().top;
  if (line === undefined) return undefined;
  const same = rest.filter((c) => Math.abs(c.getBoundingClientRect().top - line) < 4);
  return same.sort((a, b) => Math.abs(a.getBoundingClientRect().left - from.left) - Math.abs(b.getBoundingClientRect().left - from.left))[0];
}
