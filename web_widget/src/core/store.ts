/** What the guest sees, as one value made from the events. `reduce` is pure; the store only remembers and tells. */
import type { Link } from "./connection";
import type { Outgoing } from "./outbox";
import type { Author, ChatEvent, Choice, CrisisCard, Mode, Receipt, Slot } from "./protocol";

export type Phase = "starting" | "open" | "gone" | "erased" | "resting";

/** `crisis` is the server's card from a refusal; `null` means the static one must do. */
export interface Trouble { kind: "start" | "send" | "call"; message: string; crisis: CrisisCard | null }

export interface ChatState {
  phase: Phase;
  link: Link;
  mode: Mode;
  queuePosition: number | null;
  host: string | null;
  /** Highest number up to which no event is missing: where a resume starts. */
  last: number;
  events: readonly ChatEvent[];
  outgoing: readonly Outgoing[];
  typing: Author | null;
  trouble: Trouble | null;
  receipt: Receipt | null;
}

export type Action =
  | { type: "events"; events: readonly ChatEvent[]; mode?: Mode }
  | { type: "outgoing"; item: Outgoing }
  | { type: "link"; link: Link }
  | { type: "quiet" }
  | { type: "trouble"; trouble: Trouble | null }
  | { type: "phase"; phase: Phase; receipt?: Receipt }
  | { type: "reset" };

export const empty: ChatState = {
  phase: "starting", link: "connecting", mode: "with_bot", queuePosition: null, host: null,
  last: 0, events: [], outgoing: [], typing: null, trouble: null, receipt: null,
};

export function reduce(state: ChatState, action: Action): ChatState {
  switch (action.type) {
    case "events": return withMode(action.events.reduce(takeEvent, state), action.mode);
    case "outgoing": return takeOutgoing(state, action.item);
    case "link": return { ...state, link: action.link };
    case "quiet": return { ...state, typing: null };
    case "trouble": return { ...state, trouble: action.trouble };
    case "phase": return { ...state, phase: action.phase, receipt: action.receipt ?? state.receipt };
    case "reset": return empty;
  }
}

function takeEvent(state: ChatState, event: ChatEvent): ChatState {
  if (event.type === "typing") return { ...state, typing: event.author };
  if (event.n === 0) return takeState(state, event);
  if (known(state.events, event.n)) return state;
  const events = insert(state.events, event);
  const next = { ...state, events, last: contiguous(events, state.last), outgoing: without(state.outgoing, event) };
  const newest = events[events.length - 1] === event;
  return newest ? takeState(silence(next, event), event) : next;
}

function known(events: readonly ChatEvent[], n: number): boolean {
  const newest = events[events.length - 1];
  return newest !== undefined && n <= newest.n && events.some((event) => event.n === n);
}

function insert(events: readonly ChatEvent[], event: ChatEvent): ChatEvent[] {
  const at = events.findLastIndex((other) => other.n < event.n) + 1;
  return events.toSpliced(at, 0, event);
}

/** Numbers count up by one; a resumed list may begin above one when the server has forgotten its beginning. */
function contiguous(events: readonly ChatEvent[], last: number): number {
  let end = last === 0 ? (events[0]?.n ?? 1) - 1 : last;
  for (const event of events) if (event.n === end + 1) end = event.n;
  return end;
}

function silence(state: ChatState, event: ChatEvent): ChatState {
  return event.author !== "visitor" && event.type !== "state" ? { ...state, typing: null } : state;
}

function takeState(state: ChatState, event: ChatEvent): ChatState {
  const host = event.host?.alias ?? state.host;
  const queuePosition = event.queue_position ?? state.queuePosition;
  if (event.type === "erased") return { ...empty, phase: "erased", receipt: state.receipt };
  return withMode({ ...state, host, queuePosition }, event.state);
}

function withMode(state: ChatState, mode: Mode | undefined): ChatState {
  if (!mode) return state;
  return { ...state, mode, queuePosition: mode === "waiting" ? state.queuePosition : null };
}

function without(outgoing: readonly Outgoing[], event: ChatEvent): readonly Outgoing[] {
  if (event.author !== "visitor") return outgoing;
  return outgoing.filter((item) => item.clientId !== event.client_id && item.n !== event.n);
}

/** A status that arrives after the message's own event has nothing left to say. */
function takeOutgoing(state: ChatState, item: Outgoing): ChatState {
  const arrived = state.events.some((event) => event.client_id === item.clientId || event.n === item.n);
  const at = state.outgoing.findIndex((other) => other.clientId === item.clientId);
  if (arrived) return at < 0 ? state : { ...state, outgoing: state.outgoing.toSpliced(at, 1) };
  return { ...state, outgoing: at < 0 ? [...state.outgoing, item] : state.outgoing.with(at, item) };
}

/** True when an event above the gapless part is here: something between is missing and must be fetched. */
export function hasGap(state: ChatState): boolean {
  const newest = state.events[state.events.length - 1];
  return newest !== undefined && newest.n > state.last;
}

export type Reader =
  | { kind: "starting" } | { kind: "bot" } | { kind: "nobody" }
  | { kind: "queue"; position: number | null } | { kind: "host"; alias: string | null };

/** Who reads along, as far as we honestly know. */
export function reader(state: ChatState): Reader {
  if (state.phase === "starting") return { kind: state.trouble ? "nobody" : "starting" };
  if (state.phase !== "open" || state.link === "reconnecting" || state.mode === "closed") return { kind: "nobody" };
  if (state.mode === "waiting") return { kind: "queue", position: state.queuePosition };
  if (state.mode === "with_host") return { kind: "host", alias: state.host };
  return { kind: "bot" };
}

/** Whether the last thing said to the guest asks for a number or a mail address. */
export function expectsContact(state: ChatState): boolean {
  return state.events.findLast((event) => event.type !== "state" && event.author !== "visitor")?.asks === "contact";
}

/** Number of the event whose choices may still be tapped: the latest that offers any, until anyone answers it; else 0. */
export function openOffer(state: ChatState): number {
  if (state.mode === "with_host" || state.outgoing.length > 0) return 0;
  const latest = state.events.findLast((event) => offers(event) || (event.type === "message" && spoken(event.author)));
  return latest && !spoken(latest.author) ? latest.n : 0;
}

const spoken = (author: Author): boolean => author === "visitor" || author === "host";

function offers(event: ChatEvent): boolean {
  return (event.choices?.length ?? 0) > 0 || event.card?.kind === "slots";
}

/** The choice that books this slot: the server offers it beside the card, known by the slot's id or its label. */
export function slotChoice(event: ChatEvent, slot: Slot): Choice {
  const offered = event.choices?.find(({ id, title }) => id === slot.id || title === slot.label);
  return offered ?? { id: slot.id, title: slot.label };
}

/** Slots are buttons of their own; their choices are not shown a second time. */
export function plainChoices(event: ChatEvent): Choice[] {
  const { card, choices = [] } = event;
  const slots = card?.kind === "slots" && "slots" in card ? card.slots : [];
  const taken = new Set(slots.map((slot) => slotChoice(event, slot).id));
  return choices.filter((choice) => !taken.has(choice.id));
}

export class Store {
  #current: ChatState = empty;
  readonly #listeners = new Set<(state: ChatState, before: ChatState) => void>();

  get state(): ChatState { return this.#current; }

  dispatch(action: Action): void {
    const before = this.#current;
    this.#current = reduce(before, action);
    if (this.#current !== before) this.#listeners.forEach((listener) => listener(this.#current, before));
  }

  subscribe(listener: (state: ChatState, before: ChatState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
