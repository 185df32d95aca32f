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

// The browser knows where it is: its zone is offered, and its list of zones
// stands behind the field. Nothing is chosen unless somebody says so.
export function zones(root: Document): void {
  const field = root.querySelector<HTMLInputElement>("input[data-zone]");
  if (!field) return;
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const list = root.getElementById("zones");
  for (const name of zonesKnown()) {
    const option = root.createElement("option");
    option.value = name;
    list?.append(option);
  }
  const offer = root.querySelector<HTMLElement>("[data-zone-offer]");
  const name = offer?.querySelector("span");
  if (!here || !offer || !name || field.value === here) return;
  name.textContent = here;
  offer.hidden = false;
  offer.querySelector("button")?.addEventListener("click", () => {
    field.value = here;
    offer.hidden = true;
  });
}

// zonesKnown is empty where a browser does not say which zones it knows.
function zonesKnown(): string[] {
  const intl = Intl as unknown as { supportedValuesOf?: (key: string) => string[] };
  return intl.supportedValuesOf?.("timeZone") ?? [];
}
