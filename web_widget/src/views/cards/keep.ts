/** Taking something along: on the clipboard or as a contact file, made here and sent nowhere. */
import type { DoorAdvice } from "../../core/protocol";
import { cards as text } from "../../text/da";
import { h } from "../dom";
import { digits } from "./crisis";

export function copyButton(content: string, label: string = text.share): HTMLElement {
  const button: HTMLButtonElement = h("button", { type: "button", class: "small", click: () => void copied() }, label);
  const copied = async (): Promise<void> => {
    button.textContent = (await copy(content)) ? text.shared : text.shareFailed;
    setTimeout(() => { button.textContent = label; }, 2500);
  };
  return button;
}

export function saveButton(advice: DoorAdvice): HTMLElement {
  const save = (): void => download(`${advice.id.replace(/[^\w-]/g, "") || "kontakt"}.vcf`, vcard(advice), "text/vcard");
  return h("button", { type: "button", class: "small", click: save }, text.save);
}

/** A contact card (vCard 3.0), readable by every phone. */
export function vcard(advice: DoorAdvice): string {
  const { phone, sms, url, address } = advice.contact ?? {};
  const name = escape(advice.name);
  return [
    "BEGIN:VCARD", "VERSION:3.0", `FN:${name}`, `N:${name};;;;`, `ORG:${name}`,
    phone && `TEL;TYPE=VOICE:${digits(phone)}`, sms && `TEL;TYPE=CELL:${digits(sms)}`,
    url && `URL:${url}`, address && `ADR:;;${escape(address)};;;;`, "END:VCARD", "",
  ].filter((line) => line !== undefined).join("\r\n");
}

function escape(value: string): string {
  return value.replace(/[\\,;]/g, (mark) => `\\${mark}`).replace(/\r?\n/g, "\\n");
}

export function download(name: string, content: string, kind: string): void {
  const address = URL.createObjectURL(new Blob([content], { type: `${kind};charset=utf-8` }));
  h("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

/** The clipboard API is closed to frames without a permission; the old way works after a tap. */
async function copy(content: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(content);
    return true;
  } catch {
    return copyByHand(content);
  }
}

function copyByHand(content: string): boolean {
  const area = h("textarea", { class: "sr", "aria-hidden": "true", tabindex: "-1" });
  const focused = document.activeElement;
  area.value = content;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return done;
}
