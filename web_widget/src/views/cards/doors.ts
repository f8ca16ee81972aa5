/** One to three doors: why this one, what happens there, how to get in. */
import type { Contact, DoorAdvice, DoorsCard, Open } from "../../core/protocol";
import { cards as text } from "../../text/da";
import { h } from "../dom";
import type { Child } from "../dom";
import { elsewhere, longDate, safeHref, spaced } from "../links";
import { digits } from "./crisis";
import { copyButton, saveButton } from "./keep";

export function doorsCard(card: DoorsCard): HTMLElement {
  return h("div", { class: "cards" }, ...card.doors.map(door));
}

function door(advice: DoorAdvice): HTMLElement {
  return h("section", { class: "card", "aria-label": advice.name },
    h("h2", {}, advice.name),
    opening(advice.open),
    advice.reason ? h("p", { class: "card-lead" }, advice.reason) : null,
    facts([
      [text.whatHappens, advice.what_happens], [text.forWhom, advice.for_whom], [text.cost, advice.cost],
      [text.anonymous, anonymity(advice.anonymous)], [text.address, advice.contact?.address],
    ]),
    h("div", { class: "card-ways" }, ...ways(advice.contact ?? {})),
    h("div", { class: "card-keep" }, saveButton(advice), copyButton(plainDoor(advice), text.shareDoor), pageLink(advice)),
    checked(advice),
  );
}

export function opening(open: Open | string | undefined): HTMLElement | null {
  if (!open) return null;
  if (typeof open === "string") return h("p", { class: "open" }, open);
  const kind = open.now === null ? "unknown" : open.now ? "now" : "shut";
  const word = { now: text.open, shut: text.closed, unknown: text.unknownHours }[kind];
  return h("p", { class: `open open-${kind}` }, open.text || word);
}

export function facts(rows: [string, string | null | undefined][]): HTMLElement | null {
  const told = rows.filter(([, value]) => value);
  if (told.length === 0) return null;
  return h("dl", {}, ...told.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

export function ways(contact: Contact): Child[] {
  const { phone, sms, chat_url, url, address } = contact;
  return [
    phone ? h("a", { class: "button", href: `tel:${digits(phone)}` }, text.call(spaced(phone))) : null,
    sms ? h("a", { class: "button quiet", href: `sms:${digits(sms)}` }, text.sms(spaced(sms))) : null,
    chat_url ? link(chat_url, text.chat) : null,
    url ? link(url, text.site) : null,
    address ? link(mapUrl(address), text.map) : null,
  ];
}

function link(href: string, label: string): HTMLElement | null {
  return safeHref(href) ? h("a", { class: "button quiet", href, ...elsewhere }, label) : null;
}

/** A plain link that calls nobody before the guest taps it. */
function mapUrl(address: string): string {
  return `https://www.openstreetmap.org/search?query=${encodeURIComponent(address)}`;
}

function anonymity(value: string | boolean | undefined): string | undefined {
  if (typeof value === "boolean") return value ? text.yes : text.no;
  return value;
}

function checked(advice: DoorAdvice): HTMLElement | null {
  if (advice.verified === false) return h("p", { class: "card-small" }, text.unverified);
  return advice.checked_on ? h("p", { class: "card-small" }, text.checked(longDate(advice.checked_on))) : null;
}

function pageLink({ page }: DoorAdvice): HTMLElement | null {
  return page && safeHref(page) ? h("a", { class: "small", href: page, ...elsewhere }, text.more) : null;
}

/** What is copied or saved says nothing of a chat: the door's page is open to anybody. */
export function plainDoor(advice: DoorAdvice): string {
  const { phone, sms, chat_url, url, address } = advice.contact ?? {};
  const lines = [advice.name, phone && text.call(spaced(phone)), sms && text.sms(spaced(sms)), url ?? chat_url, address, advice.page && location.origin + advice.page];
  return lines.filter(Boolean).join("\n");
}
