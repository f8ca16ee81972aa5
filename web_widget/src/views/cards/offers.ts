/** Activities and groups somebody may join. */
import type { Contact, Offer, OffersCard } from "../../core/protocol";
import { cards as text } from "../../text/da";
import { h } from "../dom";
import { facts, opening, ways } from "./doors";

export function offersCard(card: OffersCard): HTMLElement {
  return h("div", { class: "cards" }, ...card.offers.map(offer));
}

function offer(item: Offer): HTMLElement {
  const contact: Contact = typeof item.contact === "object" && item.contact ? item.contact : {};
  const spoken = typeof item.contact === "string" ? item.contact : null;
  return h("section", { class: "card", "aria-label": item.name },
    h("h2", {}, item.name),
    opening(item.open),
    item.text ? h("p", { class: "card-lead" }, item.text) : null,
    facts([[text.forWhom, item.for_whom], [text.address, item.place]]),
    spoken ? h("p", {}, spoken) : null,
    h("div", { class: "card-ways" }, ...ways(contact)),
    item.flagged ? h("p", { class: "card-small" }, text.unverified) : null,
  );
}
