// A long framework is read level by level: each heading leads to a page of what
// lies below it. With a script that opens in place; the page is asked for once.
import { get } from "./fetch";

export function levels(root: Document): void {
  for (const link of root.querySelectorAll<HTMLElement>("a[data-level]")) closed(link);
  root.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a[data-level]");
    if (!link || (event as MouseEvent).ctrlKey || (event as MouseEvent).metaKey || (event as MouseEvent).shiftKey) return;
    event.preventDefault();
    void open(link);
  });
}

const closed = (link: HTMLElement) => link.setAttribute("aria-expanded", "false");
const depthOf = (row: Element | null) => Number((row as HTMLElement | null)?.dataset.depth ?? -1);

async function open(link: HTMLAnchorElement): Promise<void> {
  const row = link.closest("tr");
  if (!row) return;
  const depth = depthOf(row);
  if (link.getAttribute("aria-expanded") === "true") {
    for (let next = row.nextElementSibling; next && depthOf(next) > depth; next = row.nextElementSibling) next.remove();
    return closed(link);
  }
  link.setAttribute("aria-expanded", "true");
  const { status, page } = await get(link.href);
  if (status !== 200 || page.querySelector(".pager")) {
    location.href = link.href; // too long for here, or to be told why not
    return;
  }
  const below = [...page.querySelectorAll<HTMLElement>("#lines > tr")].map((line) => document.importNode(line, true));
  for (const line of below) {
    line.dataset.depth = String(depth + 1);
    line.style.setProperty("--depth", String(depth + 1));
    line.querySelectorAll<HTMLElement>("a[data-level]").forEach(closed);
  }
  row.after(...below);
}
