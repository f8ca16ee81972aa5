/** A screen nobody sits at is cleared: first a question with time to answer, then the clearing. */
const ASK_MS = 28 * 60_000;
const CLEAR_MS = 2 * 60_000;

export interface IdleParts { ask(): void; relax(): void; clear(): void }

export class IdleWatch {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking = false;

  readonly #parts: IdleParts;

  constructor(parts: IdleParts) { this.#parts = parts; }

  /** Somebody is here: a key, a tap, or a new message while a host is expected. */
  alive(): void {
    clearTimeout(this.#timer);
    if (this.#asking) { this.#asking = false; this.#parts.relax(); }
    this.#timer = setTimeout(() => this.#ask(), ASK_MS);
  }

  stop(): void { clearTimeout(this.#timer); }

  #ask(): void {
    this.#asking = true;
    this.#parts.ask();
    this.#timer = setTimeout(() => this.#parts.clear(), CLEAR_MS);
  }
}
