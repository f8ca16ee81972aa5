/** What is wrong and what to do. */
import type { ChatState } from "../core/store";
import { banner as text } from "../text/da";
import type { Deeds } from "./deeds";
import { h } from "./dom";

export class Banner extends HTMLElement {
  deeds!: Deeds;
  readonly #words = h("p");
  readonly #again = h("button", { type: "button", class: "small", click: () => this.deeds.nudge() }, text.again);
  readonly #live = h("div", { class: "banner", role: "status", hidden: true }, this.#words, this.#again);

  connectedCallback(): void { this.append(this.#live); }

  update(state: ChatState): void {
    const words = sentence(state);
    this.#live.hidden = words === "";
    this.#again.hidden = state.trouble?.kind === "call" && state.link === "live";
    if (this.#words.textContent !== words) this.#words.textContent = words;
  }
}

function sentence(state: ChatState): string {
  if (state.phase !== "open" && state.phase !== "starting") return "";
  if (state.trouble) return state.trouble.message || text[state.trouble.kind];
  return state.link === "reconnecting" ? text.reconnecting : "";
}
