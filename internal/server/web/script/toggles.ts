// Reasons are toggled where they stand: the form's answer is the whole list, of
// which the one row is taken.
import { problemIn, send, take } from "./fetch";
import { say } from "./toast";

export function toggles(root: Document): void {
  root.addEventListener("submit", (event) => {
    const form = (event.target as Element).closest<HTMLFormElement>("form[data-toggles]");
    const button = (event as SubmitEvent).submitter as HTMLButtonElement | null;
    if (!form || !button) return;
    event.preventDefault();
    void toggle(form, button);
  });
}

async function toggle(form: HTMLFormElement, button: HTMLButtonElement): Promise<void> {
  const row = form.closest("tr")?.id ?? "";
  const data = new URLSearchParams({ back: location.pathname + location.search, [button.name]: button.value });
  const answer = await send(form.action, data);
  if (answer.status >= 400) return say(problemIn(answer.page), { bad: true });
  take(answer.page, row, "proposed");
  document.getElementById(row)?.querySelector<HTMLElement>(`button[value="${CSS.escape(button.value)}"]`)?.focus();
}
