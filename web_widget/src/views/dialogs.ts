/** The two dialogs: acute help (static, needs no server) and "delete everything?". */
import type { CrisisCard } from "../core/protocol";
import { erase, help } from "../text/da";
import { crisisCard } from "./cards/crisis";
import { h, icon } from "./dom";
import { close } from "./icons";

export function helpDialog(card: CrisisCard, lead: string | null): HTMLDialogElement {
  const title = lead ? help.human : help.title;
  const dialog = h("dialog", { class: "sheet", "aria-labelledby": "help-title" },
    h("div", { class: "sheet-top" },
      h("h2", { id: "help-title", tabindex: "-1" }, title),
      h("button", { type: "button", class: "round", "aria-label": help.back, click: () => dialog.close() }, icon(close))),
    lead ? h("p", {}, lead) : null,
    crisisCard(card));
  return shown(dialog);
}

/** Resolves true when the guest really wants everything deleted. */
export function confirmErase(): Promise<boolean> {
  return new Promise((resolve) => {
    const dialog = h("dialog", { class: "sheet", "aria-labelledby": "erase-title", "aria-describedby": "erase-text" },
      h("h2", { id: "erase-title" }, erase.title),
      h("p", { id: "erase-text" }, erase.text),
      h("div", { class: "sheet-ways" },
        h("button", { type: "button", class: "button quiet", click: () => dialog.close("no") }, erase.no),
        h("button", { type: "button", class: "button danger", click: () => dialog.close("yes") }, erase.yes)));
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"));
    shown(dialog);
  });
}

function shown(dialog: HTMLDialogElement): HTMLDialogElement {
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  dialog.scrollTop = 0;
  return dialog;
}
