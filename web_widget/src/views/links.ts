/** Ways out of the chat: telephone numbers as people read them, links that open elsewhere and tell nothing. */
import type { CrisisLine } from "../core/protocol";
import { crisisMore as text } from "../text/da";
import { digits } from "./cards/crisis";
import { h } from "./dom";
import type { Child } from "./dom";

export const elsewhere = { target: "_blank", rel: "noopener noreferrer" };

/** Only web, phone, sms and mail addresses become links; anything else stays text. */
export function safeHref(href: string): string | null {
  return /^(https?:\/\/|tel:|sms:|mailto:|\/(?!\/))/i.test(href) ? href : null;
}

/** Danish reading groups: 70 20 12 01 in pairs, 116 111 in threes, short numbers as they are. */
export function spaced(number: string): string {
  const plain = digits(number);
  if (/^\d{8}$/.test(plain)) return plain.replace(/(\d\d)(?=\d)/g, "$1 ");
  return /^\d{6}$/.test(plain) ? `${plain.slice(0, 3)} ${plain.slice(3)}` : number;
}

/** What a line of a crisis card has beside its telephone. */
export function crisisWays({ sms, url }: CrisisLine): Child[] {
  return [
    sms && h("a", { class: "more", href: `sms:${digits(sms)}` }, text.sms(spaced(sms))),
    url && safeHref(url) && h("a", { class: "more", href: url, ...elsewhere }, text.site),
  ];
}

/** `2026-11-21` as people read it. */
export function longDate(date: string): string {
  const day = new Date(date);
  if (Number.isNaN(day.getTime())) return date;
  return day.toLocaleDateString("da-DK", { day: "numeric", month: "long", year: "numeric", timeZone: "Europe/Copenhagen" });
}
