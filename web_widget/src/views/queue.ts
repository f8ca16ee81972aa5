/** Waiting for a host: the place in the queue, and that a host has come. */
import type { ChatState } from "../core/store";
import { queue as text } from "../text/da";
import { h } from "./dom";

export class Queue extends HTMLElement {
  readonly #place = h("p", { class: "queue-place" });

  connectedCallback(): void {
    this.hidden = true;
    this.append(this.#place, h("p", {}, text.text));
  }

  update(state: ChatState): void {
    this.hidden = state.mode !== "waiting" || state.phase !== "open";
    const words = text.place(state.queuePosition);
    if (this.#place.textContent !== words) this.#place.textContent = words;
  }
}
