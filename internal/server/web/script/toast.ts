// Toasts: six seconds, longer while the pointer or the focus is on them. What
// went wrong stays until it is closed.
const lasts = 6000;

export function toasts(root: Document): void {
  root.querySelectorAll<HTMLElement>("[data-toast]").forEach((t) => {
    expire(t);
    forget();
  });
}

/** forget takes what was done out of the address, so that a reload does not say it again. */
function forget(): void {
  const url = new URL(location.href);
  for (const key of ["done", "n"]) url.searchParams.delete(key);
  history.replaceState(history.state, "", url);
}

function expire(toast: HTMLElement): void {
  let timer = 0;
  const start = () => {
    timer = window.setTimeout(() => toast.remove(), lasts);
  };
  const stop = () => window.clearTimeout(timer);
  for (const name of ["mouseenter", "focusin"]) toast.addEventListener(name, stop);
  for (const name of ["mouseleave", "focusout"]) toast.addEventListener(name, start);
  start();
}

function place(): HTMLElement {
  const found = document.querySelector<HTMLElement>(".toasts");
  if (found) return found;
  const made = document.createElement("div");
  made.className = "toasts";
  document.body.append(made);
  return made;
}

/** say shows a sentence; bad ones stay. action adds a button. */
export function say(text: string, options: { bad?: boolean; action?: { label: string; run: () => void } } = {}): void {
  const toast = document.createElement("div");
  toast.className = options.bad ? "toast bad" : "toast";
  toast.setAttribute("role", options.bad ? "alert" : "status");
  const words = document.createElement("span");
  words.textContent = text;
  toast.append(words);
  if (options.action) {
    const button = document.createElement("button");
    button.className = "btn";
    button.textContent = options.action.label;
    button.addEventListener("click", () => {
      toast.remove();
      options.action?.run();
    });
    toast.append(button);
  }
  place().append(toast);
  if (options.bad) toast.addEventListener("click", () => toast.remove());
  else expire(toast);
}
