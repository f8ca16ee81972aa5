/** The crisis card under the last words whenever they may not have got through: the server's own, else the static one. */
import type { CrisisCard } from "../core/protocol";
import type { ChatState } from "../core/store";
import { servedCrisis } from "./cards/card";
import { crisisCard } from "./cards/crisis";

export class Unsent extends HTMLElement {
  /** The static card, true at this minute. */
  staticCrisis!: () => CrisisCard;
  #shown: unknown = null;

  connectedCallback(): void { this.ariaLive = "off"; }

  /** True when the card has just appeared. */
  update({ trouble }: ChatState): boolean {
    const needed = trouble && trouble.kind !== "call" ? (trouble.crisis ?? "static") : null;
    if (needed === this.#shown) return false;
    this.#shown = needed;
    this.replaceChildren(...(needed ? [needed === "static" ? crisisCard(this.staticCrisis()) : servedCrisis(needed)] : []));
    return needed !== null;
  }
}
