/** One guest's conversation: begins or resumes it, sends, listens, forgets. Knows no page; `chat.ts` gives it one. */
import { ApiError } from "./api";
import type { Api, Key, Said } from "./api";
import { Nap, backoff, newId } from "./backoff";
import { Connection } from "./connection";
import type { SocketLike } from "./connection";
import { Outbox } from "./outbox";
import type { Outgoing } from "./outbox";
import { isRecord, parseCrisis, parseEvent } from "./protocol";
import type { Answer, ChatEvent, Choice } from "./protocol";
import { hasGap } from "./store";
import type { Store, Trouble } from "./store";

/** Where id and token live; only as long as the tab. */
export interface Memory { read(): Key | null; write(key: Key): void; forget(): void }

export interface ConversationParts {
  api: Api;
  store: Store;
  memory: Memory;
  place: { municipality: string; channel: string };
  socket(key: Key): SocketLike;
  random?: () => number;
}

const ACK_MS = 2_500;
const SLOW_MS = 4_000;
const OPEN_MS = 8_000;
const TYPING_MS = 7_000;
const TYPING_EVERY_MS = 3_000;

interface Waiting { resolve(n?: number): void; reject(error: ApiError): void }

export class Conversation {
  #key: Key | null = null;
  #connection: Connection | null = null;
  #outbox: Outbox;
  #ended = false;
  #catchingUp = false;
  #typedAt = 0;
  #quiet: ReturnType<typeof setTimeout> | undefined;
  readonly #nap = new Nap();
  readonly #acks = new Map<string, Waiting>();
  #opening: (() => void)[] = [];

  readonly #parts: ConversationParts;

  constructor(parts: ConversationParts) {
    this.#parts = parts;
    this.#outbox = this.#newOutbox();
  }

  /** Resumes what this tab remembers, or opens a new conversation; keeps trying until it is there. */
  async begin(): Promise<void> {
    for (let attempt = 0; !this.#ended && !this.#key; attempt++) {
      try {
        await this.#resumeOrCreate();
      } catch (error) {
        this.#trouble("start", error);
        await this.#nap.sleep(backoff(attempt, this.#parts.random));
      }
    }
  }

  say(text: string): void { this.#queue({ clientId: newId(), text, status: "sending" }); }

  choose(choice: Choice): void {
    this.#queue({ clientId: newId(), text: choice.title, choice: choice.id, status: "sending" });
  }

  retry(item: Outgoing): void { this.#outbox.retry(item); }

  /** The page says the net may be back, or the guest wants another try now. */
  nudge(): void {
    this.#nap.end();
    this.#outbox.nudge();
    this.#connection?.nudge();
  }

  /** Asks for a human. False when the wish did not get through. */
  async askForHuman(): Promise<boolean> {
    try {
      const key = await this.#opened();
      this.#absorb(await this.#parts.api.handoff(key));
      this.#parts.store.dispatch({ type: "trouble", trouble: null });
      return true;
    } catch (error) {
      this.#failed("call", error);
      return false;
    }
  }

  /** Deletes on the server first; the page may only say "slettet" when the server has said so. */
  async erase(): Promise<boolean> {
    const { api, store } = this.#parts;
    try {
      const receipt = this.#key ? await api.erase(this.#key) : { at: "", appointments_cancelled: 0 };
      this.forget();
      store.dispatch({ type: "reset" });
      store.dispatch({ type: "phase", phase: "erased", receipt });
      return true;
    } catch (error) {
      this.#failed("call", error);
      return false;
    }
  }

  /** Forgets everything here and returns what is needed to tell the server afterwards. */
  forget(): Key | null {
    const key = this.#key;
    this.#ended = true;
    this.#key = null;
    this.#parts.memory.forget();
    this.#connection?.stop();
    this.#outbox.stop();
    this.#nap.end();
    clearTimeout(this.#quiet);
    return key;
  }

  /** A fresh conversation after a closed, forgotten or erased one. */
  restart(): void {
    this.forget();
    this.#ended = false;
    this.#connection = null;
    this.#outbox = this.#newOutbox();
    this.#parts.store.dispatch({ type: "reset" });
    void this.begin();
  }

  typing(): void {
    const now = Date.now();
    if (now - this.#typedAt < TYPING_EVERY_MS) return;
    if (this.#connection?.send({ type: "typing" })) this.#typedAt = now;
  }

  seen(n: number): void { this.#connection?.send({ type: "seen", n }); }

  #newOutbox(): Outbox {
    const { store, random } = this.#parts;
    return new Outbox({
      deliver: (item, attempt) => this.#deliver(item, attempt),
      onChange: (item) => { store.dispatch({ type: "outgoing", item }); if (item.status === "sent") this.#calm("send"); },
      onTrouble: (error) => this.#failed("send", error),
      ...(random ? { random } : {}),
    });
  }

  #queue(item: Outgoing): void { this.#outbox.add(item); }

  async #resumeOrCreate(): Promise<void> {
    const { memory } = this.#parts;
    const remembered = memory.read();
    if (remembered) {
      try {
        return this.#opens(remembered, await this.#parts.api.events(remembered, 0, 0));
      } catch (error) {
        if (!(error instanceof ApiError) || !error.gone) throw error;
        memory.forget();
      }
    }
    const { municipality, channel } = this.#parts.place;
    const opened = await this.#parts.api.create(municipality, channel);
    if (this.#ended) return this.#parts.api.farewell(opened);
    const key = { id: opened.id, token: opened.token };
    memory.write(key);
    this.#opens(key, { events: opened.events });
  }

  #opens(key: Key, answer: Answer): void {
    if (this.#ended) return;
    const { store } = this.#parts;
    this.#key = key;
    store.dispatch({ type: "trouble", trouble: null });
    store.dispatch({ type: "phase", phase: "open" });
    this.#absorb(answer);
    this.#listen(key);
    this.#opening.splice(0).forEach((resolve) => resolve());
    this.#outbox.nudge();
  }

  #listen(key: Key): void {
    const { store, api, socket, random } = this.#parts;
    this.#connection = new Connection({
      key,
      after: () => store.state.last,
      socket: () => socket(key),
      poll: (after, wait, signal) => api.events(key, after, wait, signal),
      onFrame: (frame) => this.#frame(frame),
      onAnswer: (answer) => this.#absorb(answer),
      onLink: (link) => { if (store.state.link !== link) this.#linked(link); },
      onGone: () => this.#lost(),
      onDrop: () => this.#acks.forEach(({ reject }) => reject(new ApiError(0, "network"))),
      ...(random ? { random } : {}),
    });
    this.#connection.start();
  }

  #linked(link: "connecting" | "live" | "reconnecting"): void {
    this.#parts.store.dispatch({ type: "link", link });
    if (link === "live") this.#outbox.nudge();
  }

  #frame(frame: Record<string, unknown>): void {
    if (frame.type === "ack") return this.#acknowledge(frame.client_id, frame.n);
    if (frame.type === "error") return this.#refused(frame);
    const event = parseEvent(frame);
    if (event) this.#absorb({ events: [event] });
  }

  #acknowledge(clientId: unknown, n: unknown): void {
    this.#acks.get(String(clientId))?.resolve(typeof n === "number" ? n : undefined);
  }

  /** A refusal on the socket carries no status; the next try over HTTP tells whether it is final. */
  #refused(frame: Record<string, unknown>): void {
    const body = isRecord(frame.error) ? frame.error : {};
    const details = isRecord(body.details) ? body.details : {};
    const error = new ApiError(0, String(body.code ?? "refused"), String(body.message ?? ""), parseCrisis(details.crisis));
    this.#acks.get(String(frame.client_id))?.reject(error);
  }

  #absorb(answer: Answer): void {
    const { store } = this.#parts;
    store.dispatch({ type: "events", events: answer.events, ...(answer.state ? { mode: answer.state } : {}) });
    answer.events.forEach((event) => this.#notice(event));
    if (hasGap(store.state)) void this.#catchUp();
    if (store.state.phase === "erased") this.forget();
  }

  #notice(event: ChatEvent): void {
    if (event.client_id) this.#acknowledge(event.client_id, event.n);
    if (event.type !== "typing") return;
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.#parts.store.dispatch({ type: "quiet" }), TYPING_MS);
  }

  async #catchUp(): Promise<void> {
    const { store, api } = this.#parts;
    if (this.#catchingUp || !this.#key) return;
    this.#catchingUp = true;
    try {
      const answer = await api.events(this.#key, store.state.last, 0);
      if (!this.#ended) store.dispatch({ type: "events", events: answer.events });
    } catch { /* the feed's own resume starts at the same gap */ }
    this.#catchingUp = false;
  }

  async #deliver(item: Outgoing, attempt: number): Promise<number | undefined> {
    const key = await this.#opened();
    const said: Said = { client_id: item.clientId };
    if (item.choice === undefined) said.text = item.text; else said.choice = item.choice;
    const acknowledged = this.#acknowledgement(item.clientId);
    const slow = setTimeout(() => this.#trouble("send", new ApiError(0, "slow")), SLOW_MS);
    try {
      if (attempt === 0 && this.#connection?.send({ type: "message", ...said })) return await within(ACK_MS, acknowledged);
      return await Promise.race([acknowledged, this.#post(key, said)]);
    } finally {
      clearTimeout(slow);
      this.#acks.delete(item.clientId);
    }
  }

  async #post(key: Key, said: Said): Promise<number | undefined> {
    try {
      const answer = await this.#parts.api.say(key, said);
      if (!this.#ended) this.#absorb(answer);
      return answer.n;
    } catch (error) {
      if (error instanceof ApiError && error.gone && !this.#ended) this.#lost();
      throw error;
    }
  }

  #acknowledgement(clientId: string): Promise<number | undefined> {
    const promise = new Promise<number | undefined>((resolve, reject) => this.#acks.set(clientId, { resolve, reject }));
    promise.catch(() => undefined);
    return promise;
  }

  async #opened(): Promise<Key> {
    if (!this.#key) await within(OPEN_MS, new Promise<void>((resolve) => this.#opening.push(resolve)));
    if (!this.#key) throw new ApiError(0, "network");
    return this.#key;
  }

  #lost(): void {
    this.forget();
    this.#parts.store.dispatch({ type: "phase", phase: "gone" });
  }

  #failed(kind: Trouble["kind"], error: unknown): void {
    if (kind === "call" && error instanceof ApiError && error.gone) return this.#lost();
    this.#trouble(kind, error);
  }

  #trouble(kind: Trouble["kind"], error: unknown): void {
    if (this.#ended) return;
    const { message, crisis } = error instanceof ApiError ? error : new ApiError(0, "network");
    this.#parts.store.dispatch({ type: "trouble", trouble: { kind, message, crisis } });
  }

  #calm(kind: Trouble["kind"]): void {
    if (this.#parts.store.state.trouble?.kind === kind) this.#parts.store.dispatch({ type: "trouble", trouble: null });
  }
}

function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise<never>((_, reject) => { timer = setTimeout(() => reject(new ApiError(0, "timeout")), ms); });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
