/**
 * The list of what was said. Nodes are kept by key and only changed where the state changed, so that a screen reader
 * hears each message once and nothing jumps.
 */
import type { Outgoing } from "../core/outbox";
import type { Author, ChatEvent } from "../core/protocol";
import { openOffer, plainChoices } from "../core/store";
import type { ChatState } from "../core/store";
import { messages as text } from "../text/da";
import { drawCard } from "./cards/card";
import { choiceList } from "./choices";
import type { Deeds } from "./deeds";
import { h, icon } from "./dom";
import { down } from "./icons";
import { elsewhere } from "./links";
import type { Unsent } from "./unsent";

interface Row { key: string; mark: string; draw(): HTMLElement }

const NEAR_PX = 80;
const MARGIN_PX = 8;

export class Messages extends HTMLElement {
  deeds!: Deeds;
  unsent!: Unsent;
  readonly #list = h("ol", { class: "list", role: "list" });
  readonly #log = h("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": text.log, tabindex: "0" }, this.#list);
  readonly #dots = h("p", { class: "typing", hidden: true });
  readonly #newer = h("button", { type: "button", class: "newer", "aria-label": text.newer, hidden: true, click: () => this.toEnd() }, icon(down));
  #wasNear = true;
  readonly #drawn = new Map<string, { mark: string; node: HTMLElement }>();

  connectedCallback(): void {
    this.#log.append(this.#dots, this.unsent);
    for (const target of [this.#log, window]) target.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    window.addEventListener("resize", () => { if (this.#wasNear) this.toEnd(); });
    this.append(this.#log, this.#newer);
  }

  update(state: ChatState): void {
    const near = this.#near();
    // Who comes back begins where they left; who has just written a long message waits below it for the answer.
    const back = this.#drawn.size === 0 && state.events.some(({ author }) => author === "visitor");
    const fresh = this.#place(rows(state, this.deeds));
    this.#showTyping(state);
    const alarmed = this.unsent.update(state);
    if (alarmed && this.#list.lastElementChild) this.#follow(this.#list.lastElementChild as HTMLElement, true);
    else if (fresh && !back && !isLastOwn(fresh)) this.#follow(fresh, near);
    else if (fresh) this.toEnd();
    else if (near && !state.trouble) this.toEnd();
  }

  focusLog(): void { this.#log.focus({ preventScroll: true }); }

  /** Puts every row in its place and returns the first that was not there before. */
  #place(wanted: Row[]): HTMLElement | null {
    let fresh: HTMLElement | null = null;
    const keys = new Set(wanted.map((row) => row.key));
    for (const [key, { node }] of this.#drawn) if (!keys.has(key)) { node.remove(); this.#drawn.delete(key); }
    wanted.forEach((row, index) => {
      const node = this.#node(row);
      if (this.#list.children[index] === node) return;
      if (!node.isConnected) fresh ??= node;
      this.#list.insertBefore(node, this.#list.children[index] ?? null);
    });
    return fresh;
  }

  /** The kept node, with its inside drawn anew when something about it changed. */
  #node(row: Row): HTMLElement {
    const kept = this.#drawn.get(row.key);
    if (kept?.mark === row.mark) return kept.node;
    const drawn = row.draw();
    if (!kept) { this.#drawn.set(row.key, { mark: row.mark, node: drawn }); return drawn; }
    kept.mark = row.mark;
    kept.node.className = drawn.className;
    kept.node.replaceChildren(...drawn.childNodes);
    return kept.node;
  }

  #showTyping(state: ChatState): void {
    const who = writing(state);
    this.#dots.hidden = who === null;
    const label = who === "host" ? text.typingHost(state.host) : text.typingBot;
    if (who) this.#dots.replaceChildren(h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), h("span", {}, label));
  }

  /** A long turn is read from its beginning, a short one ends at the bottom. */
  #follow(fresh: HTMLElement, near: boolean): void {
    if (!near && !fresh.classList.contains("visitor")) { this.#newer.hidden = false; return; }
    const scroller = this.#scroller();
    const edge = scroller === this.#log ? this.#log.getBoundingClientRect().top : 0;
    const top = scroller.scrollTop + fresh.getBoundingClientRect().top - edge - MARGIN_PX;
    scroller.scrollTop = Math.min(scroller.scrollHeight, Math.max(top, 0));
    this.#scrolled();
  }

  toEnd(): void {
    const scroller = this.#scroller();
    scroller.scrollTop = scroller.scrollHeight;
    this.#scrolled();
  }

  #scrolled(): void {
    this.#wasNear = this.#near();
    this.#newer.hidden = this.#wasNear;
  }

  #near(): boolean {
    const { scrollHeight, clientHeight, scrollTop } = this.#scroller();
    return scrollHeight - clientHeight - scrollTop < NEAR_PX;
  }

  /** On a very low screen the page scrolls as one; else the list does. */
  #scroller(): Element {
    const page = document.scrollingElement;
    return page && getComputedStyle(this.#log).overflowY === "visible" ? page : this.#log;
  }
}

const isLastOwn = (row: HTMLElement): boolean => !row.nextElementSibling && row.classList.contains("visitor");

function rows(state: ChatState, deeds: Deeds): Row[] {
  const open = openOffer(state);
  const told = state.events.filter((event) => event.text || event.card || event.choices?.length);
  const said = told.map((event, index) => eventRow(event, told[index - 1], event.n === open, deeds, state.host));
  return [...said, ...state.outgoing.map((item) => outgoingRow(item, deeds))];
}

function eventRow(event: ChatEvent, before: ChatEvent | undefined, active: boolean, deeds: Deeds, host: string | null): Row {
  const first = before?.author !== event.author;
  return {
    key: event.client_id ? `c${event.client_id}` : `n${event.n}`,
    mark: `${event.n} ${active} ${first}`,
    draw: () => drawEvent(event, first, active, deeds, event.host?.alias ?? host),
  };
}

function drawEvent(event: ChatEvent, first: boolean, active: boolean, deeds: Deeds, host: string | null): HTMLElement {
  const choose = deeds.choose;
  const mine = event.author === "visitor";
  return h("li", { class: `row ${kind(event)}${first ? " first" : ""}` },
    h("p", { class: first && !mine ? "who" : "sr" }, name(event.author, host), ":"),
    event.text ? h("p", { class: "bubble" }, ...linked(event.text)) : null,
    drawCard(event, active, choose),
    active ? choiceList(plainChoices(event), choose) : null,
    mine ? h("p", { class: "status" }, `${text.sent} `, clock(event.at)) : null,
  );
}

const kind = ({ author, type }: ChatEvent): string => (type === "state" ? "state" : author);

function name(author: Author, host: string | null): string {
  return { visitor: text.you, bot: text.bot, host: text.host(host), system: text.system }[author];
}

function outgoingRow(item: Outgoing, deeds: Deeds): Row {
  return {
    key: `c${item.clientId}`,
    mark: item.status,
    draw: () => h("li", { class: `row visitor ${item.status}` },
      h("p", { class: "sr" }, text.you, ":"),
      h("p", { class: "bubble" }, item.text),
      h("p", { class: "status" }, text[item.status], item.error ? `. ${item.error}` : "", item.status === "failed" ? " – " : "",
        item.status === "failed" ? h("button", { type: "button", class: "again", click: () => deeds.retry(item) }, text.retry) : null)),
  };
}

/** Web addresses in a text become links; all else stays text. */
function linked(content: string): (Node | string)[] {
  return content.split(/(https:\/\/[^\s<>"]+[^\s<>".,;:!?)])/).map((part, index) =>
    index % 2 ? h("a", { href: part, ...elsewhere }, part) : part);
}

function clock(at: string): HTMLElement | string {
  const time = new Date(at);
  if (Number.isNaN(time.getTime())) return "";
  return h("time", { datetime: at }, time.toLocaleTimeString("da-DK", { hour: "2-digit", minute: "2-digit" }));
}

/** Who is about to answer: a told typing, or the bot whose turn it is. */
function writing(state: ChatState): Author | null {
  if (state.phase !== "open" || state.link === "reconnecting") return null;
  if (state.typing === "bot" || state.typing === "host") return state.typing;
  const newest = state.events.findLast((event) => event.text || event.card);
  const owed = newest?.author === "visitor" && state.mode === "with_bot" && Date.now() - Date.parse(newest.at) < 15_000;
  return owed ? "bot" : null;
}
