/** Quick replies: plain buttons, only while their turn is open. */
import type { Choice } from "../core/protocol";
import { messages as text } from "../text/da";
import { h } from "./dom";

export function choiceList(choices: Choice[], choose: (choice: Choice) => void): HTMLElement | null {
  if (choices.length === 0) return null;
  const button = (choice: Choice): HTMLElement =>
    h("button", { type: "button", class: "choice", click: () => choose(choice) }, choice.title);
  return h("ul", { class: "choices", role: "list", "aria-label": text.choices },
    ...choices.map((choice) => h("li", {}, button(choice))));
}
