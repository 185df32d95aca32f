// Writing a check: what the resources have is offered while an expression is
// typed, and the dry run is drawn anew a moment after the last key. Without it
// the button Try does the same.
import { get, take } from "./fetch";

interface Attribute {
  path: string;
  type: string;
  says?: string;
  examples?: string[];
  seen: number;
  of: number;
}

type Box = HTMLTextAreaElement | HTMLInputElement;

export function celEditor(root: Document): void {
  const form = root.querySelector<HTMLFormElement>("[data-check-editor]");
  if (!form) return;
  let waiting = 0;
  form.addEventListener("input", (event) => {
    const box = event.target as Box;
    if (box.matches("[data-cel]")) void offer(form, box);
    clearTimeout(waiting);
    waiting = window.setTimeout(() => void rehearse(form), 400);
  });
  form.addEventListener("keydown", onKey);
  form.addEventListener("focusout", () => setTimeout(close, 150));
}

let newest = 0;

async function rehearse(form: HTMLFormElement): Promise<void> {
  const mine = ++newest;
  const data = new FormData(form);
  data.set("do", "try");
  if (!data.get("pass") || !data.get("resource")) return;
  document.getElementById("results")?.setAttribute("aria-busy", "true");
  const answer = await get(form.action, { method: "POST", body: new URLSearchParams(data as unknown as Record<string, string>) });
  if (mine !== newest) return; // something newer was typed
  const active = document.activeElement;
  if (answer.status === 200 && !active?.closest("#results")) take(answer.page, "results");
  document.getElementById("results")?.removeAttribute("aria-busy");
}

const known = new Map<string, Attribute[]>();

async function attributesOf(type: string): Promise<Attribute[]> {
  if (!known.has(type)) {
    const answer = await fetch("/checks/attributes?type=" + encodeURIComponent(type), { credentials: "same-origin" });
    known.set(type, answer.ok ? ((await answer.json()) as Attribute[]) : []);
  }
  return known.get(type) ?? [];
}

const started = /(?:^|[^\w.])((?:resource|r)(?:\.\w*)*)$/;

async function offer(form: HTMLFormElement, box: Box): Promise<void> {
  const word = started.exec(box.value.slice(0, box.selectionStart ?? 0))?.[1] ?? "";
  const type = form.querySelector<HTMLSelectElement>("[data-type]")?.value ?? "";
  close();
  if (!word || !type) return;
  const found = (await attributesOf(type)).filter((a) => a.path.startsWith(word) && a.path !== word).slice(0, 12);
  close();
  if (found.length === 0 || document.activeElement !== box) return;
  const menu = document.createElement("div");
  menu.className = "menu comp float";
  menu.id = "completion";
  menu.setAttribute("role", "listbox");
  found.forEach((a, i) => menu.append(option(a, i === 0, () => put(box, word, a.path))));
  (box.closest(".field") ?? box.parentElement)?.append(menu);
}

function option(a: Attribute, first: boolean, choose: () => void): HTMLElement {
  const row = document.createElement("div");
  row.setAttribute("role", "option");
  row.setAttribute("aria-selected", String(first));
  row.className = first ? "hi" : "";
  row.textContent = a.path.replace(/^resource\./, "");
  const end = document.createElement("span");
  end.className = "end sm";
  end.textContent = [a.type, (a.examples ?? []).join(", "), a.of ? `${a.seen} / ${a.of}` : ""].filter(Boolean).join(" · ");
  row.append(end);
  row.addEventListener("mousedown", (event) => {
    event.preventDefault();
    choose();
  });
  return row;
}

function put(box: Box, word: string, path: string): void {
  const at = box.selectionStart ?? 0;
  box.setRangeText(path, at - word.length, at, "end");
  close();
  box.focus();
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

const close = () => document.getElementById("completion")?.remove();

function onKey(event: KeyboardEvent): void {
  const options = [...document.querySelectorAll<HTMLElement>("#completion [role=option]")];
  if (options.length === 0) return;
  const at = options.findIndex((o) => o.classList.contains("hi"));
  const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (move) {
    event.preventDefault();
    options[at]?.classList.remove("hi");
    const next = options[(at + move + options.length) % options.length];
    next.classList.add("hi");
    next.scrollIntoView({ block: "nearest" });
  } else if (event.key === "Enter" || event.key === "Tab") {
    event.preventDefault();
    options[at]?.dispatchEvent(new MouseEvent("mousedown"));
  } else if (event.key === "Escape") {
    event.stopPropagation();
    close();
  }
}
