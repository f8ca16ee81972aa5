/** The shapes of docs/protocol.md, and the one place where a frame from outside becomes one of them. */

export type Mode = "with_bot" | "waiting" | "with_host" | "closed";
export type Author = "visitor" | "bot" | "host" | "system";
export type EventType = "message" | "state" | "typing" | "notice" | "booking" | "erased";

export interface Choice { id: string; title: string }
export interface Open { now: boolean | null; text: string; until?: string; next?: string }

export interface Contact { phone?: string; sms?: string; url?: string; chat_url?: string; address?: string }

export interface DoorAdvice {
  id: string; name: string; reason?: string; what_happens?: string; for_whom?: string;
  cost?: string; anonymous?: string | boolean; contact?: Contact; open?: Open; checked_on?: string; verified?: boolean; page?: string;
}
export interface CrisisLine {
  id?: string; name: string; phone?: string; sms?: string; url?: string; text?: string; open?: Open; note?: string;
}
export interface Offer {
  id: string; name: string; text?: string; for_whom?: string; place?: string;
  contact?: Contact | string; open?: Open | string; flagged?: boolean;
}
export interface Slot {
  id: string; label: string; starts_at?: string; ends_at?: string; form?: string; place?: string; host_alias?: string;
}

export interface DoorsCard { kind: "doors"; doors: DoorAdvice[] }
export interface CrisisCard {
  kind: "crisis"; level?: string; lead?: string; lines: CrisisLine[]; steps?: string[]; checked_on?: string;
}
export interface OffersCard { kind: "offers"; offers: Offer[] }
export interface SlotsCard { kind: "slots"; slots: Slot[] }
export interface AppointmentCard {
  kind: "appointment"; reference: string; label: string; starts_at?: string; ends_at?: string; form?: string;
  place?: string; how_to_get_in?: string; host_alias?: string; cancel_text?: string; calendar_file?: string; status?: string;
  video_url?: string; manage_path?: string;
}
export interface EnquiryCard { kind: "enquiry"; reference: string; text?: string; status?: string }
/** `make` is the body that makes the card: it names a door and nothing else. */
export interface DoorGift { kind: "door_card"; name: string; make: { door: string; municipality?: string } }
export type Card = DoorGift | DoorsCard | CrisisCard | OffersCard | SlotsCard | AppointmentCard | EnquiryCard;

export interface ChatEvent {
  n: number; at: string; type: EventType; author: Author;
  text?: string; choices?: Choice[]; card?: Card | { kind: string }; state?: Mode; queue_position?: number;
  risk?: string; client_id?: string; host?: { alias: string }; asks?: string;
}

export interface Opened { id: string; token: string; events: ChatEvent[] }
export interface Answer { events: ChatEvent[]; state?: Mode; n?: number }

/** What is left of an erased conversation. */
export interface Receipt { at: string; appointments_cancelled: number }

/** The body of every refusal; `details.crisis` may carry a crisis card when nothing else can be answered. */
export interface ErrorBody { code: string; message: string; details?: Record<string, unknown> }

const modes = new Set<unknown>(["with_bot", "waiting", "with_host", "closed"]);
const types = new Set<unknown>(["message", "state", "typing", "notice", "booking", "erased"]);
const authors = new Set<unknown>(["visitor", "bot", "host", "system"]);

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const isMode = (value: unknown): value is Mode => modes.has(value);

/** What these may say without being stored, and so without a number. */
const fleeting = new Set<unknown>(["typing", "state", "erased"]);

/** One event, or null for anything that is not one. Events without a number get `n` 0. */
export function parseEvent(value: unknown): ChatEvent | null {
  if (!isRecord(value) || !types.has(value.type)) return null;
  const numbered = Number.isInteger(value.n);
  if (!numbered && !fleeting.has(value.type)) return null;
  const event = { ...value, n: numbered ? value.n : 0 } as unknown as ChatEvent;
  if (!authors.has(value.author)) event.author = "system";
  if (typeof value.at !== "string") event.at = "";
  if (typeof value.text !== "string") delete event.text;
  if (!isMode(value.state)) delete event.state;
  if (!isRecord(value.card) || typeof value.card.kind !== "string") delete event.card;
  if (!isRecord(value.host) || typeof value.host.alias !== "string") delete event.host;
  if (!Array.isArray(value.choices)) delete event.choices;
  else event.choices = value.choices.filter(isChoice);
  return event;
}

function isChoice(value: unknown): value is Choice {
  return isRecord(value) && typeof value.id === "string" && typeof value.title === "string";
}

export function parseEvents(value: unknown): ChatEvent[] {
  if (!Array.isArray(value)) return [];
  return value.map(parseEvent).filter((event) => event !== null);
}

export function parseAnswer(value: unknown): Answer {
  const body = isRecord(value) ? value : {};
  const answer: Answer = { events: parseEvents(body.events) };
  if (isMode(body.state)) answer.state = body.state;
  if (Number.isInteger(body.n)) answer.n = body.n as number;
  return answer;
}

export function parseCrisis(value: unknown): CrisisCard | null {
  if (!isRecord(value) || !Array.isArray(value.lines)) return null;
  return { ...value, kind: "crisis" } as unknown as CrisisCard;
}

export function parseReceipt(value: unknown): Receipt {
  const { at, appointments_cancelled: cancelled } = isRecord(value) ? value : {};
  return { at: typeof at === "string" ? at : "", appointments_cancelled: Number(cancelled) || 0 };
}
