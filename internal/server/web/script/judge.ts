// The level of a risk as one chooses likelihood and consequences: looked up in
// the matrix the page carries, as the server does when the form is sent.
export function judge(root: Document): void {
  const form = root.querySelector<HTMLFormElement>("form[data-judge]");
  if (!form) return;
  const matrix = (form.dataset.lookup ?? "").split(";").map((row) => row.split(" ").map(Number));
  const names = (form.dataset.names ?? "").split(";");
  const heats = (form.dataset.heats ?? "").split(";");
  const level = form.querySelector<HTMLElement>("[data-judge-level]");
  const above = form.querySelector<HTMLElement>("[data-judge-above]");
  const none = level?.textContent ?? "";
  const unknown = level?.dataset.h ? "–" : none;
  form.addEventListener("change", () => {
    const data = new FormData(form);
    const likelihood = Number(data.get("likelihood") ?? 0);
    let worst = 0;
    for (const [key, value] of data.entries()) if (key.startsWith("consequence.")) worst = Math.max(worst, Number(value));
    const n = matrix[likelihood - 1]?.[worst - 1] ?? 0;
    if (level) {
      level.textContent = n > 0 ? names[n - 1] : unknown;
      level.dataset.h = n > 0 ? heats[n - 1] : "";
    }
    above?.classList.toggle("off", n <= Number(form.dataset.limit ?? 0));
  });
}
