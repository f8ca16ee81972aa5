/** Free times as buttons; a tapped one is sent as a choice. */
import type { Slot, SlotsCard } from "../../core/protocol";
import { cards as text } from "../../text/da";
import { h } from "../dom";

export function slotsCard(card: SlotsCard, active: boolean, choose: (slot: Slot) => void): HTMLElement {
  return h("ul", { class: "slots", role: "list", "aria-label": text.slots },
    ...card.slots.map((slot) => h("li", {}, active ? slotButton(slot, choose) : h("p", { class: "slot" }, ...parts(slot)))));
}

function slotButton(slot: Slot, choose: (slot: Slot) => void): HTMLElement {
  return h("button", { type: "button", class: "slot", click: () => choose(slot) }, ...parts(slot));
}

function parts(slot: Slot): Node[] {
  const form = slot.form ? (text.forms[slot.form] ?? slot.form) : "";
  const where = [form, slot.host_alias && `${text.with.toLowerCase()} ${slot.host_alias}`, slot.place].filter(Boolean).join(" · ");
  const label = h("span", { class: "slot-time" }, slot.label);
  return where ? [label, document.createTextNode(" "), h("span", { class: "slot-where" }, where)] : [label];
}
