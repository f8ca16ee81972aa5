/** A door to give away. The code is fetched here, without the conversation's token: nothing there knows of it. */
import type { DoorGift } from "../../core/protocol";
import { cards as text } from "../../text/da";
import { h } from "../dom";
import { copyButton } from "./keep";

export function giftCard(card: DoorGift): HTMLElement {
  const told = h("div", { role: "status" });
  const make = async (): Promise<void> => told.replaceChildren(...await code(card));
  return h("section", { class: "card", "aria-label": card.name },
    h("h2", {}, card.name), told,
    h("button", { type: "button", class: "button quiet", click: () => void make() }, text.makeGift));
}

async function code({ make }: DoorGift): Promise<Node[]> {
  try {
    const answer = await fetch("/api/v1/door-cards", { method: "POST", credentials: "omit", body: JSON.stringify(make) });
    const made = await answer.json();
    return [h("p", { class: "code" }, h("strong", {}, made.code.toString())), h("p", {}, made.address), copyButton(made.address)];
  } catch {
    return [h("p", {}, text.giftFailed)];
  }
}
