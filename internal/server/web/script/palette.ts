// The command palette: / or Ctrl-K opens it, what is typed asks the search page
// and takes its list, arrows move, Enter goes. Without a script the same form
// leads to the search page.
import { get } from "./fetch";

let dialog: HTMLDialogElement | undefined;
let asked = 0;

export function palette(root: Document): void {
  const form = root.querySelector<HTMLFormElement>("form[data-palette]");
  if (!form) return;
  root.addEventListener("keydown", (event) => {
    const typing = event.target instanceof Element && event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
    if ((event.key === "k" && (event.ctrlKey || event.metaKey)) || (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey)) {
      event.preventDefault();
      openPalette(form);
    }
  });
  form.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    openPalette(form);
  });
  form.querySelector("input")?.addEventListener("focus", () => openPalette(form));
}

function openPalette(form: HTMLFormElement): void {
  if (!dialog) dialog = make(form);
  if (dialog.open) return;
  dialog.showModal();
  const box = dialog.querySelector("input");
  box?.focus();
  box?.select();
  void ask("");
}

function make(form: HTMLFormElement): HTMLDialogElement {
  const made = document.createElement("dialog");
  made.className = "palette";
  const label = form.querySelector("input")?.getAttribute("aria-label") ?? "";
  made.setAttribute("aria-label", label);
  const box = document.createElement("input");
  box.type = "text";
  box.className = "input";
  box.setAttribute("role", "combobox");
  box.setAttribute("aria-label", label);
  box.setAttribute("aria-expanded", "true");
  box.setAttribute("aria-controls", "palette-list");
  box.placeholder = form.querySelector("input")?.placeholder ?? "";
  const list = document.createElement("div");
  list.id = "palette-list";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", label);
  made.append(box, list);
  document.body.append(made);
  let timer = 0;
  box.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void ask(box.value), 80);
  });
  made.addEventListener("keydown", (event) => onKey(event, list));
  made.addEventListener("click", (event) => {
    if (event.target === made) made.close();
  });
  return made;
}

function onKey(event: KeyboardEvent, list: HTMLElement): void {
  const options = [...list.querySelectorAll<HTMLElement>('[role="option"]')];
  const at = options.findIndex((o) => o.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    choose(options, (at + (event.key === "ArrowDown" ? 1 : options.length - 1)) % Math.max(options.length, 1));
  }
  if (event.key === "Enter") {
    event.preventDefault();
    const link = options[Math.max(at, 0)]?.dataset.href;
    if (link) location.href = link;
  }
}

function choose(options: HTMLElement[], at: number): void {
  options.forEach((o, i) => o.setAttribute("aria-selected", String(i === at)));
  options[at]?.scrollIntoView({ block: "nearest" });
  if (options[at]) dialog?.querySelector("input")?.setAttribute("aria-activedescendant", options[at].id);
}

async function ask(words: string): Promise<void> {
  const turn = ++asked;
  const answer = await get("/search?q=" + encodeURIComponent(words));
  const list = document.getElementById("palette-list");
  if (turn !== asked || !list) return;
  const items: HTMLElement[] = [];
  answer.page.querySelectorAll("#hits section").forEach((section) => {
    const cap = document.createElement("p");
    cap.className = "cap";
    cap.setAttribute("role", "presentation");
    cap.textContent = section.querySelector("h2")?.textContent ?? "";
    items.push(cap);
    section.querySelectorAll("li").forEach((li) => items.push(option(li, items.length)));
  });
  const none = answer.page.querySelector("#hits .empty");
  if (none) {
    const said = document.createElement("p");
    said.className = "t2";
    said.textContent = none.textContent;
    items.push(said);
  }
  list.replaceChildren(...items);
  choose([...list.querySelectorAll<HTMLElement>('[role="option"]')], 0);
}

function option(li: Element, n: number): HTMLElement {
  const link = li.querySelector("a");
  const made = document.createElement("div");
  made.id = "palette-" + n;
  made.setAttribute("role", "option");
  made.dataset.href = link?.getAttribute("href") ?? "";
  made.append(...[...li.children].map((child) => (child === link ? Object.assign(document.createElement("span"), { className: "cut grow", textContent: link.textContent }) : document.importNode(child, true))));
  made.addEventListener("click", () => (location.href = made.dataset.href ?? ""));
  return made;
}
