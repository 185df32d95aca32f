// Editing in place: the form of one field is fetched from the entry's page and
// put where the value stood. Enter saves, Escape restores, a refusal is said
// where it happened and nothing is lost.
import { get, problemIn, send } from "./fetch";
import { refresh } from "./grid";
import { say } from "./toast";

export function editing(root: Document): void {
  root.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a.editlink");
    if (!link || event.ctrlKey || event.metaKey) return;
    const place = link.closest<HTMLElement>("[data-field]");
    if (!place) return;
    event.preventDefault();
    void edit(place, link.href);
  });
  root.addEventListener("dblclick", (event) => {
    const place = (event.target as Element).closest<HTMLElement>("[data-grid] td[data-field]");
    if (place && !place.querySelector("form")) void editCell(place);
  });
}

/** editCell edits the field of a table's cell. */
export function editCell(cell: HTMLElement): Promise<void> {
  const row = cell.closest<HTMLElement>("tr[data-path]");
  const path = (row?.dataset.path ?? "").split("?")[0];
  return edit(cell, `${path}/edit?field=${cell.dataset.field ?? ""}`);
}

async function edit(place: HTMLElement, href: string): Promise<void> {
  const answer = await get(href);
  const form = answer.page.querySelector<HTMLFormElement>("main form.form");
  if (answer.status !== 200 || !form) return say(problemIn(answer.page), { bad: true });
  const before = [...place.childNodes];
  const fresh = document.importNode(form, true);
  fresh.className = "editing";
  fresh.querySelector("label[for]")?.classList.add("vh");
  fresh.querySelector('[name="reason"]')?.closest(".field")?.remove();
  place.replaceChildren(fresh);
  const box = fresh.querySelector<HTMLElement>("input:not([type=hidden]), select, textarea");
  box?.focus();
  if (box instanceof HTMLInputElement && box.type === "text") box.select();
  const restore = () => {
    place.replaceChildren(...before);
    place.querySelector<HTMLElement>("a")?.focus();
  };
  fresh.querySelector("a.btn")?.addEventListener("click", (event) => {
    event.preventDefault();
    restore();
  });
  fresh.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      restore();
    }
    if (event.key === "Enter" && !(event.target instanceof HTMLTextAreaElement)) {
      event.preventDefault();
      fresh.requestSubmit();
    }
    if (event.key !== "Tab") event.stopPropagation();
  });
  if (box instanceof HTMLSelectElement && !box.multiple) box.addEventListener("change", () => fresh.requestSubmit());
  fresh.addEventListener("submit", (event) => {
    event.preventDefault();
    void save(fresh, place);
  });
}

async function save(form: HTMLFormElement, place: HTMLElement): Promise<void> {
  const data = new URLSearchParams();
  new FormData(form).forEach((value, key) => data.append(key, String(value)));
  const answer = await send(form.action, data);
  if (answer.status === 409) {
    say(problemIn(answer.page), { bad: true, action: { label: words("both"), run: () => (location.href = form.action + "?field=" + (data.get("field") ?? "")) } });
    return;
  }
  if (answer.status >= 400) return say(problemIn(answer.page), { bad: true });
  const key = place.closest<HTMLElement>("tr[data-key]")?.dataset.key ?? new URL(form.action).pathname.split("/")[2];
  await refresh(key);
  say(words("saved"));
}

/** words gives a text the page carries for scripts. */
export function words(key: string): string {
  return document.querySelector<HTMLElement>(`[data-word="${key}"]`)?.textContent ?? "";
}
