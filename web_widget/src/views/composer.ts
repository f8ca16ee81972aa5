/** Where the guest writes; when there is nothing to write to, what to do instead. */
import type { Receipt } from "../core/protocol";
import type { ChatState } from "../core/store";
import { composer as text } from "../text/da";
import type { Deeds } from "./deeds";
import { h, icon } from "./dom";
import { send } from "./icons";

export const MOST = 2000;
const COUNT_FROM = 1700;

export class Composer extends HTMLElement {
  deeds!: Deeds;
  readonly #area = h("textarea", {
    id: "words", rows: 1, placeholder: text.placeholder, autocomplete: "off", "aria-describedby": "words-hint words-count",
    // Some browsers send the words out of the house to check their spelling.
    spellcheck: "false",
  });
  readonly #count = h("p", { id: "words-count", class: "count", "aria-live": "polite" });
  readonly #button = h("button", { type: "submit", class: "send", "aria-label": text.send }, icon(send));
  readonly #form = h("form", { class: "write", submit: (event) => this.#submit(event) },
    h("label", { class: "sr", for: "words" }, text.label), this.#area, this.#button);
  readonly #over = h("div", { class: "over", hidden: true });
  readonly #eraser = h("button", { type: "button", class: "link", click: () => this.deeds.erase() }, text.erase);
  readonly #foot = h("div", { class: "foot" }, h("p", { id: "words-hint" }, text.hint), this.#eraser);
  #shown: string | null = null;

  connectedCallback(): void {
    this.#area.addEventListener("input", () => this.#typed());
    this.#area.addEventListener("keydown", (event) => this.#key(event));
    this.append(this.#count, this.#form, this.#over, this.#foot);
    this.#button.ariaDisabled = "true";
  }

  update(state: ChatState): void {
    const ended = ending(state);
    this.#form.hidden = ended !== null;
    this.#over.hidden = ended === null;
    this.#foot.hidden = state.phase !== "open" && state.phase !== "starting";
    if (ended === this.#shown) return;
    this.#shown = ended;
    if (ended) this.#over.replaceChildren(h("p", { role: "status" }, ended), this.#again());
  }

  focusArea(): void { if (!this.#form.hidden) this.#area.focus(); }

  /** Forgets the draft: part of leaving. */
  clear(): void { this.#area.value = ""; this.#typed(); }

  #again(): HTMLElement {
    return h("button", { type: "button", class: "button", click: () => this.deeds.restart() }, text.again);
  }

  #key(event: KeyboardEvent): void {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    this.#submit(event);
  }

  #submit(event: Event): void {
    event.preventDefault();
    const words = this.#area.value.trim();
    if (!words || length(words) > MOST) return;
    this.#area.focus();
    this.deeds.say(words, () => this.clear(), () => this.#area.focus());
  }

  #typed(): void {
    const used = length(this.#area.value.trim());
    this.#count.textContent = used <= COUNT_FROM ? "" : used > MOST ? text.over(used - MOST) : text.left(MOST - used);
    this.#count.classList.toggle("bad", used > MOST);
    this.#button.setAttribute("aria-disabled", String(used === 0 || used > MOST));
    this.#area.rows = 1;
    const line = parseFloat(getComputedStyle(this.#area).lineHeight) || 24;
    this.#area.rows = Math.min(6, Math.max(1, Math.round(this.#area.scrollHeight / line - 0.6)));
    if (used > 0) this.deeds.typing();
  }
}

/** The server counts characters, not UTF-16 units. */
const length = (words: string): number => [...words].length;

function ending(state: ChatState): string | null {
  if (state.phase === "erased") return erased(state.receipt);
  if (state.phase === "gone") return text.gone;
  if (state.phase === "resting") return text.resting;
  return state.mode === "closed" ? text.closed : null;
}

function erased(receipt: Receipt | null): string {
  const { at = "", appointments_cancelled: cancelled = 0 } = receipt ?? {};
  const day = at && new Date(at).toLocaleString("da-DK", { dateStyle: "long", timeStyle: "short" });
  return cancelled ? `${text.erased(day)} ${text.cancelled(cancelled)}` : text.erased(day);
}
