/** What is wrong and what to do; with a crisis card under it whenever words may not have got through. */
import type { CrisisCard } from "../core/protocol";
import type { ChatState } from "../core/store";
import { banner as text } from "../text/da";
import { servedCrisis } from "./cards/card";
import { crisisCard } from "./cards/crisis";
import type { Deeds } from "./deeds";
import { h } from "./dom";

export class Banner extends HTMLElement {
  deeds!: Deeds;
  /** The static card, true at this minute. */
  staticCrisis!: () => CrisisCard;
  readonly #words = h("p");
  readonly #again = h("button", { type: "button", class: "small", click: () => this.deeds.nudge() }, text.again);
  readonly #live = h("div", { class: "banner", role: "status", hidden: true }, this.#words, this.#again);
  readonly #crisis = h("div", { class: "banner-crisis", hidden: true });
  #shown: unknown = null;

  connectedCallback(): void { this.append(this.#live, this.#crisis); }

  update(state: ChatState): void {
    const words = sentence(state);
    this.#live.hidden = words === "";
    this.#again.hidden = state.trouble?.kind === "call" && state.link === "live";
    if (this.#words.textContent !== words) this.#words.textContent = words;
    this.#showCrisis(state);
  }

  #showCrisis(state: ChatState): void {
    const needed = state.trouble !== null && state.trouble.kind !== "call";
    const key = needed ? (state.trouble?.crisis ?? "static") : null;
    this.#crisis.hidden = !needed;
    if (key === this.#shown) return;
    this.#shown = key;
    this.#crisis.replaceChildren(...(needed ? [state.trouble?.crisis ? servedCrisis(state.trouble.crisis) : crisisCard(this.staticCrisis())] : []));
  }
}

function sentence(state: ChatState): string {
  if (state.phase !== "open" && state.phase !== "starting") return "";
  if (state.trouble) return state.trouble.message || text[state.trouble.kind];
  return state.link === "reconnecting" ? text.reconnecting : "";
}
