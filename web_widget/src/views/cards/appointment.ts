/** A booked conversation, as the committed row says it. */
import type { AppointmentCard } from "../../core/protocol";
import { cards as text } from "../../text/da";
import { h } from "../dom";
import { facts } from "./doors";
import { copyButton, download } from "./keep";

export function appointmentCard(card: AppointmentCard): HTMLElement {
  const cancelled = card.status === "cancelled";
  return h("section", { class: "card", "aria-label": text.appointment },
    h("h2", {}, cancelled ? `${text.appointment}: ${text.cancelled}` : text.appointment),
    facts([
      [text.when, card.label], [text.form, card.form ? (text.forms[card.form] ?? card.form) : undefined],
      [text.where, card.place], [text.how, card.how_to_get_in], [text.with, card.host_alias],
    ]),
    h("p", { class: "code" }, `${text.reference}: `, h("strong", {}, card.reference)),
    card.cancel_text ? h("p", { class: "card-small" }, card.cancel_text) : null,
    h("div", { class: "card-ways" }, cancelled ? null : video(card.video_url), cancelled ? null : calendar(card.calendar_file),
      cancelled ? null : manage(card.manage_path), copyButton(card.reference, text.copyCode)),
  );
}

function calendar(file: string | undefined): HTMLElement | null {
  const save = (): void => download("aftale.ics", file!, "text/calendar");
  return file ? h("button", { type: "button", class: "button", click: save }, text.calendar) : null;
}

function video(address: string | undefined): HTMLElement | null {
  return address?.startsWith("https://") ? away(address, text.video) : null;
}

function manage(path: string | undefined): HTMLElement | null {
  return path?.startsWith("/") && !path.startsWith("//") ? away(path, text.manage) : null;
}

function away(href: string, title: string): HTMLElement {
  return h("a", { class: "button quiet", href, target: "_blank", rel: "noopener noreferrer" }, title);
}
