// Results appear without a reload: the server says that something changed
// (never what), and the parts of the page that show it are drawn anew. Nothing
// is taken from somebody who edits, picks or has a menu open: they are told.
import { words } from "./editing";
import { get, take } from "./fetch";
import { say } from "./toast";

export function live(root: Document): void {
  if (document.body.dataset.past !== undefined || !window.EventSource) return;
  const topics = new Set<string>();
  for (const part of parts()) for (const topic of topicsOf(part)) topics.add(topic);
  if (topics.size === 0) return;
  let stream: EventSource | undefined;
  const listen = () => {
    const since = document.body.dataset.seq;
    stream = new EventSource(`/.events?topics=${[...topics].join(",")}${since ? "&since=" + since : ""}`);
    stream.addEventListener("change", (event) => {
      const news = JSON.parse((event as MessageEvent<string>).data) as { seq: number; topics: string[] };
      document.body.dataset.seq = String(news.seq);
      void refresh(news.topics);
    });
    stream.addEventListener("ended", () => stream?.close());
  };
  // A page nobody looks at holds no connection; it catches up when it is seen.
  root.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      stream?.close();
      stream = undefined;
    } else if (!stream) listen();
  });
  if (!document.hidden) listen();
}

const parts = () => [...document.querySelectorAll<HTMLElement>("[data-live][id]")];
const topicsOf = (part: HTMLElement) => (part.dataset.live ?? "").split(" ").filter(Boolean);

function busy(part: HTMLElement): boolean {
  const active = document.activeElement;
  const typing = active instanceof HTMLElement && part.contains(active) && active.matches("input:not([type=checkbox]), textarea, select");
  return typing || unsent(part) || !!part.querySelector("form.editing, details[data-popup][open], td.pick :checked") || part.querySelectorAll("tbody").length > Number(part.dataset.bodies ?? 1e9);
}

/** unsent tells whether a form in the part was changed and not sent: the focus may
 * be on its button, or nowhere. */
const unsent = (part: HTMLElement) => [...part.querySelectorAll<Box>('form[method="post"] :is(input:not([type=hidden]), textarea, select)')].some(changed);

type Box = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

function changed(box: Box): boolean {
  if (box instanceof HTMLSelectElement) {
    const options = [...box.options];
    const first = box.multiple ? undefined : (options.filter((o) => o.defaultSelected).pop() ?? options.find((o) => !o.disabled));
    return options.some((o) => o.selected !== (first ? o === first : o.defaultSelected));
  }
  if (box instanceof HTMLInputElement && ["checkbox", "radio"].includes(box.type)) return box.checked !== box.defaultChecked;
  return box.value !== box.defaultValue;
}

let asking = false;
let again: string[] = [];

async function refresh(topics: string[]): Promise<void> {
  const stale = parts().filter((part) => topicsOf(part).some((t) => topics.includes(t)));
  if (stale.length === 0) return;
  if (stale.some(busy)) return offer();
  if (asking) {
    again.push(...topics);
    return;
  }
  asking = true;
  try {
    const answer = await get(location.href);
    if (answer.status === 200) take(answer.page, ...stale.filter((part) => !busy(part)).map((part) => part.id));
  } catch {
    // The page is left, or nobody answers: the next news asks again.
  } finally {
    asking = false;
  }
  if (again.length > 0) {
    const rest = again;
    again = [];
    void refresh(rest);
  }
}

let offered = false;

function offer(): void {
  if (offered) return;
  offered = true;
  say(words("changed"), { action: { label: words("show"), run: () => location.reload() } });
  setTimeout(() => (offered = false), 15000);
}
