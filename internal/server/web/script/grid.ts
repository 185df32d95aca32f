// The table: rows open in a drawer beside the list, further rows come before
// the last is reached, far ones leave the page, many can be picked.
import { get, take } from "./fetch";

const table = () => document.querySelector<HTMLElement>("[data-grid]");
export const rows = () => [...document.querySelectorAll<HTMLTableRowElement>("[data-grid] tr[data-key]")];

export function grids(root: Document): void {
  root.addEventListener("click", onClick);
  root.addEventListener("change", onPick);
  root.addEventListener("reset", (event) => {
    if ((event.target as Element).matches("[data-bulk]")) setTimeout(counted);
  });
  window.addEventListener("popstate", () => void show(location.href));
  paging();
  counted();
}

function onClick(event: MouseEvent): void {
  const target = event.target as Element;
  if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const close = target.closest<HTMLAnchorElement>("[data-close]");
  if (close && table()) {
    event.preventDefault();
    closeDrawer();
    return;
  }
  const row = target.closest<HTMLTableRowElement>("[data-grid] tr[data-key]");
  if (!row || target.closest("input, button, select, textarea, form, summary")) return;
  const link = target.closest("a");
  if (link && !link.closest(".main-cell")) return;
  event.preventDefault();
  open(row);
}

/** open shows a row's entry in the drawer, or goes to its page where the list has none. */
export function open(row: HTMLTableRowElement): void {
  current(row);
  if (!document.querySelector(".split > .pane")) {
    location.href = row.dataset.path ?? "";
    return;
  }
  const url = new URL(location.href);
  url.searchParams.set("in", row.dataset.key ?? "");
  history.pushState({}, "", url);
  void show(url.href);
}

async function show(href: string): Promise<void> {
  const split = document.querySelector(".split");
  const answer = await get(href);
  if (!split || answer.status !== 200) {
    location.href = href;
    return;
  }
  const fresh = answer.page.getElementById("drawer");
  document.getElementById("drawer")?.remove();
  if (fresh) split.append(document.importNode(fresh, true));
  const key = new URL(href).searchParams.get("in");
  const row = rows().find((r) => r.dataset.key === key);
  if (row) current(row);
}

export function closeDrawer(): void {
  const drawer = document.getElementById("drawer");
  if (!drawer) return;
  drawer.remove();
  const url = new URL(location.href);
  url.searchParams.delete("in");
  history.pushState({}, "", url);
  rows().find((r) => r.classList.contains("cur"))?.querySelector<HTMLElement>(".main-cell a")?.focus();
}

export function current(row: HTMLTableRowElement): void {
  document.querySelectorAll("[data-grid] tr.cur").forEach((r) => r.classList.remove("cur"));
  row.classList.add("cur");
  row.scrollIntoView({ block: "nearest" });
}

/** refresh draws some rows (by key) and the drawer anew from the server. */
export async function refresh(...keys: string[]): Promise<void> {
  const answer = await get(location.href);
  if (answer.status === 200) take(answer.page, "drawer", "entry", ...keys.map((key) => "row-" + key));
}

function onPick(event: Event): void {
  const target = event.target as HTMLInputElement;
  if (target.matches("[data-pick-all]")) picks().forEach((box) => (box.checked = target.checked));
  if (target.closest("[data-grid]")) counted();
}

const picks = () => [...document.querySelectorAll<HTMLInputElement>('[data-grid] td.pick input[type="checkbox"]')];
let lastPick = 0;

/** pick turns a row's choice over; with a range, everything from the last one. */
export function pick(row: HTMLTableRowElement, range: boolean): void {
  const boxes = picks();
  const at = boxes.findIndex((box) => row.contains(box));
  if (at < 0) return;
  const on = !boxes[at].checked;
  const [from, to] = range ? [Math.min(at, lastPick), Math.max(at, lastPick)] : [at, at];
  for (let i = from; i <= to; i++) boxes[i].checked = on;
  lastPick = at;
  counted();
}

function counted(): void {
  const bar = document.querySelector<HTMLElement>("[data-bulk]");
  if (!bar) return;
  const n = picks().filter((box) => box.checked).length;
  bar.hidden = n === 0;
  const label = bar.querySelector("[data-picked]");
  if (label) label.textContent = (label.getAttribute("data-picked") || "%d").replace("%d", String(n));
  document.querySelector("[data-grid] .tbl")?.classList.toggle("anysel", n > 0);
}

/** paging appends the next page of rows when the end of the table comes near. */
function paging(): void {
  let busy = false;
  const watch = new IntersectionObserver(
    (entries) => {
      if (busy || !entries.some((e) => e.isIntersecting)) return;
      const link = document.querySelector<HTMLAnchorElement>("a[data-more]");
      if (!link) return watch.disconnect();
      busy = true;
      void append(link).then(() => {
        busy = false;
        next();
      });
    },
    { rootMargin: "1200px" },
  );
  const next = () => {
    watch.disconnect();
    const link = document.querySelector("a[data-more]");
    if (link) watch.observe(link);
  };
  next();
}

async function append(link: HTMLAnchorElement): Promise<void> {
  const answer = await get(link.href);
  const here = document.querySelector("[data-grid] table");
  if (answer.status !== 200 || !here) return;
  answer.page.querySelectorAll("[data-grid] tbody").forEach((body) => {
    const added = document.importNode(body, true) as HTMLTableSectionElement;
    here.append(added);
    leaving.observe(added);
  });
  const further = answer.page.querySelector<HTMLAnchorElement>("a[data-more]");
  if (further) link.href = further.getAttribute("href") ?? "";
  else link.remove();
}

/** leaving takes the rows of far-away pages out of the document and keeps their
 * place, so that ten thousand rows cost no more than a few hundred. */
const kept = new WeakMap<Element, DocumentFragment>();
const leaving = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      const stored = kept.get(target);
      if (isIntersecting && stored) {
        target.replaceChildren(stored);
        kept.delete(target);
      } else if (!isIntersecting && !stored && target.childElementCount > 1 && !target.querySelector(":checked, .cur, form")) {
        const height = (target as HTMLElement).offsetHeight;
        const rest = document.createDocumentFragment();
        rest.append(...target.childNodes);
        kept.set(target, rest);
        const row = document.createElement("tr");
        const cell = row.insertCell();
        cell.colSpan = 99;
        cell.height = String(height);
        target.append(row);
      }
    }
  },
  { rootMargin: "3000px" },
);
