/** What is wrong and what to do; with a crisis card under it whenever words may not have got through. */
import type { CrisisCard } from "../core/protocol";
import type { ChatState } from "../core/store";
import { banner as text } from "../text/da";
import { crisisCard } from "./cards/crisis";
import type { Deeds } from "./deeds";
import { h } from "./dom";
import { crisisWays } from "./links";

export class Banner extends HTMLElement {
  deeds!: Deeds;
  /** The static card, true at this minute. */
  staticCrisis!: () => CrisisCard;
  private readonly words = h("p");
  private readonly again = h("button", { type: "button", class: "small", click: () => this.deeds.nudge() }, text.again);
  private readonly live = h("div", { class: "banner", role: "status", hidden: true }, this.words, this.again);
  private readonly crisis = h("div", { class: "banner-crisis", hidden: true });
  private shown: unknown = null;

  connectedCallback(): void { this.append(this.live, this.crisis); }

  update(state: ChatState): void {
    const words = sentence(state);
    this.live.hidden = words === "";
    this.again.hidden = state.trouble?.kind === "call" && state.link === "live";
    if (this.words.textContent !== words) this.words.textContent = words;
    this.showCrisis(state);
  }

  private showCrisis(state: ChatState): void {
    const needed = state.trouble !== null && state.trouble.kind !== "call";
    const key = needed ? (state.trouble?.crisis ?? "static") : null;
    this.crisis.hidden = !needed;
    if (key === this.shown) return;
    this.shown = key;
    this.crisis.replaceChildren(...(needed ? [crisisCard(state.trouble?.crisis ?? this.staticCrisis(), crisisWays)] : []));
  }
}

function sentence(state: ChatState): string {
  if (state.phase !== "open" && state.phase !== "starting") return "";
  if (state.trouble) return state.trouble.message || text[state.trouble.kind];
  return state.link === "reconnecting" ? text.reconnecting : "";
}
