/** A saved enquiry and the code that follows it. */
import type { EnquiryCard } from "../../core/protocol";
import { cards as text } from "../../text/da";
import { h } from "../dom";
import { copyButton } from "./keep";

export function enquiryCard(card: EnquiryCard): HTMLElement {
  return h("section", { class: "card", "aria-label": text.enquiry },
    h("h2", {}, text.enquiry),
    card.text ? h("p", { class: "card-lead" }, card.text) : null,
    h("p", { class: "code" }, `${text.reference}: `, h("strong", {}, card.reference)),
    h("p", { class: "card-small" }, text.keepCode),
    h("div", { class: "card-ways" }, copyButton(card.reference, text.copyCode)),
  );
}
