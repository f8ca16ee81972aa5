/**
 * What the guest said and the server has not yet confirmed. One at a time and in order; the same client id on every
 * try, so that a lost answer never makes a second message.
 */
import { ApiError } from "./api";
import { Nap, backoff } from "./backoff";

export type SendStatus = "sending" | "retrying" | "sent" | "failed";

export interface Outgoing {
  clientId: string;
  text: string;
  choice?: string;
  status: SendStatus;
  n?: number;
  error?: string;
}

export interface OutboxParts {
  /** Resolves with the message's number when it is committed; rejects with an ApiError. */
  deliver(item: Outgoing, attempt: number): Promise<number | undefined>;
  onChange(item: Outgoing): void;
  onTrouble(error: ApiError): void;
  random?: () => number;
  now?: () => number;
}

const GIVE_UP_MS = 60_000;

export class Outbox {
  #queue: Outgoing[] = [];
  #busy = false;
  #stopped = false;
  readonly #nap = new Nap();

  readonly #parts: OutboxParts;

  constructor(parts: OutboxParts) { this.#parts = parts; }

  add(item: Outgoing): void {
    this.#queue.push(item);
    this.#parts.onChange(item);
    void this.#pump();
  }

  /** The guest asks for another try of a message that was given up. */
  retry(item: Outgoing): void {
    const { error: _, ...rest } = item;
    this.add({ ...rest, status: "sending" });
  }

  nudge(): void { this.#nap.end(); }

  stop(): void {
    this.#stopped = true;
    this.#queue = [];
    this.#nap.end();
  }

  async #pump(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    for (let head = this.#queue[0]; head && !this.#stopped; head = this.#queue[0]) await this.#carry(head);
    this.#busy = false;
  }

  async #carry(item: Outgoing): Promise<void> {
    const started = this.#now();
    for (let attempt = 0; !this.#stopped; attempt++) {
      try {
        const n = await this.#parts.deliver(item, attempt);
        return this.#finish(n === undefined ? { ...item, status: "sent" } : { ...item, status: "sent", n });
      } catch (error) {
        const failure = asApiError(error);
        if (this.#stopped) return;
        this.#parts.onTrouble(failure);
        if (!failure.retryable) return this.#finish(failed(item, failure));
        if (this.#now() - started > GIVE_UP_MS) return this.#giveUpAll(failure);
        this.#parts.onChange({ ...item, status: "retrying" });
        await this.#nap.sleep(Math.max(backoff(attempt, this.#parts.random), failure.retryAfter * 1000));
      }
    }
  }

  #finish(item: Outgoing): void {
    if (this.#stopped) return;
    this.#queue.shift();
    this.#parts.onChange(item);
  }

  /** When the net is gone for the first it is gone for all behind it; order is kept by giving up together. */
  #giveUpAll(failure: ApiError): void {
    const lost = this.#queue;
    this.#queue = [];
    lost.forEach((item) => this.#parts.onChange(failed(item, failure)));
  }

  #now(): number { return (this.#parts.now ?? Date.now)(); }
}

function failed(item: Outgoing, failure: ApiError): Outgoing {
  return failure.message ? { ...item, status: "failed", error: failure.message } : { ...item, status: "failed" };
}

function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(0, "network");
}
