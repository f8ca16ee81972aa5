/** Always there: who reads along, a way to a human, a way to acute help, a way out. */
import { reader } from "../core/store";
import type { ChatState, Reader } from "../core/store";
import { header as text } from "../text/da";
import type { Deeds } from "./deeds";
import { h, icon } from "./dom";
import { close, door } from "./icons";

export class Header extends HTMLElement {
  deeds!: Deeds;
  name = "";
  /** Where the chat is, e.g. a municipality's name. */
  place = "";
  framed = true;
  readonly #line = h("p", { class: "reader", role: "status" });
  readonly #heading = h("h1", { tabindex: "-1" });

  connectedCallback(): void {
    this.#heading.append(this.name, this.place && h("span", {}, this.place));
    this.append(
      h("div", { class: "bar" },
        h("span", { class: "mark" }, icon(door)), this.#heading,
        h("button", { type: "button", class: "exit", title: text.exitHint, click: () => this.deeds.leave() }, text.exit),
        this.framed ? this.#minimise() : null),
      this.#line,
      h("div", { class: "always" },
        h("button", { type: "button", class: "human", click: () => this.deeds.human() }, text.human),
        h("button", { type: "button", class: "help", click: () => this.deeds.help() }, text.help)));
  }

  update(state: ChatState): void {
    const who = reader(state);
    this.#line.dataset.reader = who.kind;
    const words = sentence(who);
    if (this.#line.textContent !== words) this.#line.textContent = words;
  }

  focusTitle(): void { this.#heading.focus(); }

  #minimise(): HTMLElement {
    const click = (): void => this.deeds.minimise();
    return h("button", { type: "button", class: "round", "aria-label": text.minimise, click }, icon(close));
  }
}

function sentence(who: Reader): string {
  switch (who.kind) {
    case "starting": return text.starting;
    case "bot": return text.bot;
    case "queue": return text.queue(who.position);
    case "host": return text.host(who.alias);
    case "nobody": return text.nobody;
  }
}
