/** The crisis card. The same drawing for the launcher's static card, the help panel and a card in the conversation. */
import type { CrisisCard, CrisisLine } from "../../core/protocol";
import { crisis as text } from "../../text/da";
import { h } from "../dom";
import type { Child } from "../dom";

/** `more` draws what a line has beside its telephone; the static card in the launcher has nothing more. */
export function crisisCard(card: CrisisCard, more: (line: CrisisLine) => Child[] = () => []): HTMLElement {
  const { lead, lines, steps = [], checked_on: checked } = card;
  return h("div", { class: "crisis" },
    lead && h("p", {}, h("b", {}, lead)),
    h("ul", { class: "lines", role: "list" }, ...lines.map((line) => h("li", {}, ...parts(line), ...more(line)))),
    steps[0] && h("p", {}, h("b", {}, text.steps)),
    steps[0] && h("ul", {}, ...steps.map((step) => h("li", {}, step))),
    checked && h("small", {}, text.checked(checked)),
  );
}

function parts({ name, phone, text: about, open, note }: CrisisLine): Child[] {
  return [phone ? call(name, phone) : h("b", {}, name),
    about && h("p", {}, about), open && h("small", {}, open.text), note && h("small", {}, note)];
}

function call(name: string, number: string): HTMLElement {
  return h("a", { class: "call", href: `tel:${digits(number)}` },
    h("span", {}, h("span", { class: "sr" }, text.call), name), " ", h("b", {}, number));
}

export const digits = (number: string): string => number.replace(/[^\d+]/g, "");
