// One question a screen: keys answer, what is typed saves itself, and what is
// typed while the server is away is kept in this browser, for this person, until
// it can be sent. A conflict is drawn by the server with both sides; nothing is
// dropped before the server took it.
import { words } from "./editing";
import { get, send, take } from "./fetch";
import { say } from "./toast";

const quiet = 800; // milliseconds without a key before what was typed is saved
const retry = 4000; // milliseconds between tries to send what was kept
const ahead = 3; // pages that are fetched before they are asked for

const screen = () => document.querySelector<HTMLElement>("[data-focus]");
const form = () => document.querySelector<HTMLFormElement>("#answer");

export function focusMode(root: Document): void {
  if (!screen()) return;
  root.addEventListener("keydown", onKey, true);
  root.addEventListener("input", onInput);
  root.addEventListener("change", onChange);
  root.addEventListener("submit", onSubmit);
  root.addEventListener("click", onClick);
  window.addEventListener("popstate", () => location.reload());
  window.addEventListener("online", () => void flush());
  window.setInterval(() => void flush(), retry);
  arrive();
}

/** arrive is what happens on every question, drawn at first or put here. */
function arrive(): void {
  dirty = false;
  shown();
  void flush();
  void prefetch(screen()?.dataset.next ?? "", ahead);
}

// Keys.

function onKey(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  if (!screen() || event.metaKey || event.altKey || target.closest("dialog[open], .menu, [data-palette]")) return;
  const typing = target.matches("textarea, select, input:not([type=radio])");
  if (event.key === "Enter" && event.ctrlKey) return act(event, () => go("next"));
  if (event.ctrlKey) return;
  if (typing) {
    if (event.key === "Escape") return act(event, () => screen()?.querySelector("h1")?.focus());
    if (event.key === "Enter" && target.matches("#answer input")) return act(event, () => go("next"));
    return;
  }
  if (event.key === "Enter" && !target.closest("a, button, summary")) return act(event, () => go("next"));
  if (event.key === "n") return act(event, () => document.getElementById("seen")?.focus());
  if (event.key === "m") return act(event, () => (form()?.querySelector<HTMLElement>("[name=maturity]:checked") ?? form()?.querySelector<HTMLElement>("[name=maturity]"))?.focus());
  if (target.matches("[name=maturity], [name=target_maturity]") && /^[0-5]$/.test(event.key)) {
    return act(event, () => form()?.querySelector<HTMLElement>(`[name=${(target as HTMLInputElement).name}][value="${event.key}"]`)?.click());
  }
  const marked = screen()?.querySelector<HTMLElement>(`[data-key="${CSS.escape(event.key)}"]`);
  if (marked) act(event, () => marked.click());
}

function act(event: KeyboardEvent, run: () => void): void {
  event.preventDefault();
  event.stopPropagation();
  run();
}

// Saving.

let dirty = false;
let timer = 0;
let busy: Promise<void> = Promise.resolve();

function onInput(event: Event): void {
  if (!(event.target as Element).closest("#answer")) return;
  dirty = true;
  window.clearTimeout(timer);
  timer = window.setTimeout(() => void save(), quiet);
}

function onChange(event: Event): void {
  if ((event.target as Element).closest("#answer") && !(event.target as Element).matches("textarea")) onInput(event);
}

function typed(what: string): URLSearchParams {
  const data = new URLSearchParams();
  new FormData(form() ?? undefined).forEach((value, key) => data.append(key, String(value)));
  data.set("do", what);
  return data;
}

/** save sends what is typed; saves follow each other, so that each knows the
 * version the last one made. */
function save(): Promise<void> {
  window.clearTimeout(timer);
  busy = busy.then(async () => {
    const open = form();
    if (!dirty || !open || document.querySelector("[data-conflict]")) return;
    dirty = false;
    await deliver(open.action, typed("keep"), (page) => adopt(open, page));
  });
  return busy;
}

/** adopt takes the version a save made, and leaves what is being typed alone. */
function adopt(open: HTMLFormElement, page: Document): void {
  const fresh = page.querySelector<HTMLInputElement>("#answer [name=version]")?.value;
  const box = open.querySelector<HTMLInputElement>("[name=version]");
  if (fresh && box) box.value = fresh;
  status(words("savedat").replace("%s", clock()));
}

const clock = () => new Date().toTimeString().slice(0, 5);

/** deliver posts, or keeps what could not be sent. It says whether the server
 * took it. */
async function deliver(action: string, data: URLSearchParams, taken: (page: Document, url: string) => void): Promise<boolean> {
  let answer;
  try {
    answer = await send(action, data);
  } catch {
    keep(action, data);
    return false;
  }
  if (answer.status >= 500 || new URL(answer.url).pathname === "/sign-in") {
    keep(action, data);
    if (answer.status < 500) status(words("signin").replace("%s", String(kept().length)), true);
    return false;
  }
  release(action);
  if (answer.status === 409) {
    draw(answer.page);
    return false;
  }
  if (answer.status >= 400) {
    if (data.get("do") === "keep") status(refusal(answer.page), true);
    else draw(answer.page);
    return false;
  }
  taken(answer.page, answer.url);
  return true;
}

const refusal = (page: Document) => (page.querySelector(".note.bad p")?.textContent ?? "").trim();

function draw(page: Document): void {
  take(page, "focus");
  document.querySelector<HTMLElement>("#focus [role=alert]")?.scrollIntoView({ block: "nearest" });
  const problem = document.querySelector<HTMLElement>('#answer [aria-invalid="true"]');
  (problem ?? screen()?.querySelector<HTMLElement>("h1"))?.focus();
}

function status(text: string, waiting = false): void {
  const box = document.querySelector<HTMLElement>("[data-saved]");
  if (!box) return;
  box.textContent = text;
  box.classList.toggle("kept", waiting);
}

// Going on.

function onSubmit(event: SubmitEvent): void {
  const target = event.target as HTMLFormElement;
  if (target.id !== "answer") return;
  event.preventDefault();
  go((event.submitter as HTMLButtonElement | null)?.value || "next");
}

function onClick(event: MouseEvent): void {
  const link = (event.target as Element).closest<HTMLAnchorElement>("a[data-go]");
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  void save().then(() => visit(link.href));
}

function go(what: string): void {
  const open = form();
  if (!open) {
    const next = screen()?.dataset.next;
    if (next) void visit(next);
    return;
  }
  window.clearTimeout(timer);
  dirty = false;
  busy = busy.then(async () => {
    const data = typed(what);
    const next = screen()?.dataset.next ?? "";
    const took = await deliver(open.action, data, (page, url) => put(page, url));
    if (!took && what === "next" && kept().some((k) => k.action === open.action)) put(await fetched.get(next), next);
  });
}

async function visit(url: string): Promise<void> {
  try {
    const answer = await get(url);
    put(answer.page, answer.url);
  } catch {
    put(await fetched.get(url), url);
  }
}

/** put shows another page of focus mode without leaving this one. */
function put(page: Document | undefined, url: string): void {
  if (!page) return;
  if (!page.querySelector("[data-focus]")) {
    location.href = url;
    return;
  }
  take(page, "focus");
  history.pushState(null, "", url);
  document.title = page.title;
  const ask = document.querySelector<HTMLElement>("#focus .ask");
  if (ask) ask.scrollTop = 0;
  screen()?.querySelector<HTMLElement>("h1")?.focus();
  arrive();
}

// Pages to come, for when the server is away.

const fetched = new Map<string, Promise<Document | undefined>>();

async function prefetch(url: string, more: number): Promise<void> {
  if (!url || more === 0 || !url.includes("/focus/")) return;
  const known = fetched.get(url);
  const page = known ? await known : undefined;
  if (!page) fetched.set(url, get(url).then((a) => (a.status === 200 ? a.page : undefined)).catch(() => undefined));
  const next = (await fetched.get(url))?.querySelector<HTMLElement>("[data-focus]")?.dataset.next;
  if (next) await prefetch(next, more - 1);
}

// What is kept here. One entry for each question and person: the newest.

interface Kept {
  action: string;
  data: string;
}

const prefix = () => "sextant.kept " + (screen()?.dataset.who ?? "") + " ";

function kept(): Kept[] {
  const list: Kept[] = [];
  for (let i = 0; i < localStorage.length; i++) {
    const key = localStorage.key(i) ?? "";
    if (key.startsWith(prefix())) list.push({ action: location.origin + key.slice(prefix().length), data: localStorage.getItem(key) ?? "" });
  }
  return list;
}

const keyOf = (action: string) => prefix() + action.replace(location.origin, "");

function keep(action: string, data: URLSearchParams): void {
  localStorage.setItem(keyOf(action), data.toString());
  shown();
}

function release(action: string): void {
  localStorage.removeItem(keyOf(action));
}

function shown(): void {
  const n = kept().length;
  if (n > 0) status(words("kept").replace("%s", String(n)), true);
}

let flushing = false;

/** flush sends what was kept, one question after the other. What somebody else
 * changed since is opened with both sides. */
async function flush(): Promise<void> {
  if (flushing || kept().length === 0) return;
  flushing = true;
  try {
    for (const entry of kept()) {
      if (!(await resend(entry))) return;
    }
    status(words("savedat").replace("%s", clock()));
    say(words("sentlater"));
  } finally {
    flushing = false;
  }
}

async function resend(entry: Kept): Promise<boolean> {
  const here = form()?.action === entry.action;
  let answer;
  try {
    answer = await send(entry.action, new URLSearchParams(entry.data));
  } catch {
    return false;
  }
  if (answer.status >= 500 || new URL(answer.url).pathname === "/sign-in") return false;
  if (answer.status < 400) {
    release(entry.action);
    const open = form();
    if (here && open) {
      const saved = await get(entry.action);
      adopt(open, saved.page);
    }
    return true;
  }
  if (here) {
    release(entry.action);
    draw(answer.page);
    return false;
  }
  if (answer.status === 409) say(words("clash"), { bad: true, action: { label: words("show"), run: () => (location.href = entry.action) } });
  return false;
}
