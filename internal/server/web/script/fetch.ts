// Pages are drawn by the server as a whole; a script that wants one part asks
// for the page and takes the part. So there is one way to draw everything.

/** get asks for a page of this site and gives it as a document with its status. */
export async function get(url: string, init?: RequestInit): Promise<{ status: number; url: string; page: Document }> {
  const answer = await fetch(url, { credentials: "same-origin", headers: { Accept: "text/html" }, ...init });
  const text = await answer.text();
  return { status: answer.status, url: answer.url, page: new DOMParser().parseFromString(text, "text/html") };
}

/** send submits a form as a browser would and gives the page that answers. */
export function send(action: string, data: FormData | URLSearchParams): ReturnType<typeof get> {
  return get(action, { method: "POST", body: data instanceof FormData ? new URLSearchParams(data as unknown as Record<string, string>) : data });
}

/** problemIn finds what a refused form says, to be shown elsewhere. */
export function problemIn(page: Document): string {
  const said = page.querySelector(".err")?.textContent || page.querySelector(".note.bad")?.textContent || page.querySelector(".empty h1")?.textContent || "";
  return said.trim().replace(/\s+/g, " ");
}

/** take replaces elements of this page by those of the same id in another. What
 * was focused or scrolled in them stays so. */
export function take(from: Document, ...ids: string[]): void {
  for (const id of ids) {
    const fresh = from.getElementById(id);
    const old = document.getElementById(id);
    if (fresh && old) put(document.importNode(fresh, true), old);
    else if (old && !fresh) old.remove();
  }
}

function put(fresh: HTMLElement, old: HTMLElement): void {
  const top = old.scrollTop;
  const focus = place(old);
  old.replaceWith(fresh);
  if (top > 0) fresh.scrollTop = top;
  focus();
}

/** place remembers what has the focus inside an element that is replaced: by
 * the nearest thing with an id, and what it is called there. */
function place(old: HTMLElement): () => void {
  const active = document.activeElement;
  if (!(active instanceof HTMLElement) || !old.contains(active)) return () => {};
  const near = active.closest("[id]")?.id ?? "";
  const called = active.id ? "" : active.tagName + ["name", "value", "href", "data-key"].map((name) => part(active, name)).join("");
  return () => {
    const scope = document.getElementById(near);
    (called ? scope?.querySelector<HTMLElement>(called) : scope)?.focus({ preventScroll: true });
  };
}

function part(element: HTMLElement, name: string): string {
  const value = element.getAttribute(name);
  return value === null ? "" : `[${name}="${CSS.escape(value)}"]`;
}
