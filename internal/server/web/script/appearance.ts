// The theme turns at once; the form behind the button keeps it.
export function appearance(root: Document): void {
  root.addEventListener("submit", (event) => {
    const form = (event.target as Element).closest<HTMLFormElement>("form[data-appearance]");
    if (!form) return;
    event.preventDefault();
    const html = root.documentElement;
    const dark = html.dataset.theme ? html.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    html.dataset.theme = dark ? "light" : "dark";
    void fetch(form.action, { method: "POST", credentials: "same-origin", redirect: "manual", body: new URLSearchParams({ theme: html.dataset.theme, back: "/" }) });
  });
}
