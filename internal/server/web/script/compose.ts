// Writing comments: @ offers people by name, a pasted picture becomes a file of
// the entry.
import { get } from "./fetch";
import { say } from "./toast";

export function compose(root: Document): void {
  root.addEventListener("paste", (event) => {
    const box = (event.target as Element).closest<HTMLTextAreaElement>("textarea[data-paste]");
    const file = [...(event.clipboardData?.files ?? [])].find((f) => f.type.startsWith("image/"));
    if (box && file) {
      event.preventDefault();
      void upload(box, file);
    }
  });
  root.addEventListener("input", (event) => {
    const box = (event.target as Element).closest<HTMLTextAreaElement>("textarea[data-mentions]");
    if (box) void offer(box);
  });
}

async function upload(box: HTMLTextAreaElement, file: File): Promise<void> {
  const name = file.name || "picture.png";
  const form = new FormData();
  form.append("file", file, name);
  const answer = await get(box.dataset.paste ?? "", { method: "POST", body: form });
  if (answer.status >= 400) return say(answer.page.body.textContent ?? "", { bad: true });
  box.setRangeText(`(${name})`, box.selectionStart, box.selectionEnd, "end");
  const fresh = answer.page.getElementById("files");
  if (fresh) document.getElementById("files")?.replaceWith(document.importNode(fresh, true));
}

let names: string[] | undefined;

async function people(): Promise<string[]> {
  if (!names) {
    const answer = await fetch("/persons/names", { credentials: "same-origin" });
    names = answer.ok ? ((await answer.json()) as string[]) : [];
  }
  return names;
}

async function offer(box: HTMLTextAreaElement): Promise<void> {
  const before = box.value.slice(0, box.selectionStart);
  const started = /@([\p{L} ]{0,30})$/u.exec(before);
  document.getElementById("mention")?.remove();
  if (!started) return;
  const found = (await people()).filter((n) => n.toLowerCase().startsWith(started[1].toLowerCase())).slice(0, 6);
  if (found.length === 0 || found[0] === started[1]) return;
  const list = document.createElement("div");
  list.id = "mention";
  list.className = "menu static";
  for (const name of found) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "plain";
    button.textContent = name;
    button.addEventListener("click", () => {
      box.setRangeText("@" + name + " ", box.selectionStart - started[0].length, box.selectionStart, "end");
      list.remove();
      box.focus();
    });
    list.append(button);
  }
  box.after(list);
}
