/** The public HTTP calls. Every failure is an ApiError that says whether trying again helps. */
import { isRecord, parseAnswer, parseCrisis, parseEvents, parseReceipt } from "./protocol";
import type { Answer, CrisisCard, ErrorBody, Opened, Receipt } from "./protocol";

export interface Key { id: string; token: string }
export interface Said { client_id: string; text?: string; choice?: string }

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message = "",
    readonly crisis: CrisisCard | null = null,
    readonly retryAfter = 0,
  ) {
    super(message);
  }

  /** No answer, a time-out, too many calls or a fault of ours: the same call may succeed later. */
  get retryable(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 425 || this.status === 429 || this.status >= 500;
  }

  /** The conversation is not there (any more) or the token is not for it. */
  get gone(): boolean {
    return this.status === 401 || this.status === 403 || this.status === 404 || this.status === 410;
  }

  static from(status: number, body: unknown, retryAfter = 0): ApiError {
    const outer = isRecord(body) && isRecord(body.error) ? (body.error as unknown as ErrorBody) : null;
    const crisis = parseCrisis(outer?.details?.crisis);
    return new ApiError(status, String(outer?.code ?? `http_${status}`), outer?.message ?? "", crisis, retryAfter);
  }
}

type Fetch = (url: string, init: RequestInit) => Promise<Response>;

const TURN_MS = 30_000;
const CALL_MS = 12_000;
/** Whoever asks for a human is not kept waiting for a time-out. */
const HUMAN_MS = 5_000;

export class Api {
  readonly #base: string;
  readonly #fetcher: Fetch;

  constructor(base: string, fetcher: Fetch) {
    this.#base = base;
    this.#fetcher = fetcher;
  }

  async create(municipality: string, channel: string): Promise<Opened> {
    const body = await this.#call("POST", "/conversations", null, { municipality, channel });
    if (!isRecord(body) || typeof body.id !== "string" || typeof body.token !== "string") throw new ApiError(0, "unreadable");
    return { id: body.id, token: body.token, events: parseEvents(body.events) };
  }

  async say(key: Key, said: Said): Promise<Answer> {
    return parseAnswer(await this.#call("POST", this.#path(key, "/messages"), key, said, TURN_MS));
  }

  /** Waits up to `wait` seconds for something after number `after`. */
  async events(key: Key, after: number, wait: number, signal?: AbortSignal): Promise<Answer> {
    const path = this.#path(key, `/events?after=${after}&wait=${wait}`);
    return parseAnswer(await this.#call("GET", path, key, undefined, CALL_MS + wait * 1000, signal));
  }

  async handoff(key: Key): Promise<Answer> {
    return parseAnswer(await this.#call("POST", this.#path(key, "/handoff"), key, {}, HUMAN_MS));
  }

  /** Forgets everything the guest wrote. */
  async erase(key: Key): Promise<Receipt> {
    const body = await this.#call("DELETE", this.#path(key, ""), key);
    return parseReceipt(isRecord(body) ? body.receipt : null);
  }

  /** Told while the page is already leaving; nobody waits for the answer. */
  farewell(key: Key): void {
    const init = { ...this.#init("POST", key, {}), keepalive: true };
    void this.#fetcher(this.#base + this.#path(key, "/close"), init).catch(() => undefined);
  }

  #path(key: Key, rest: string): string {
    return `/conversations/${encodeURIComponent(key.id)}${rest}`;
  }

  #init(method: string, key: Key | null, body: unknown): RequestInit {
    const headers: Record<string, string> = { Accept: "application/json" };
    if (key) headers.Authorization = `Bearer ${key.token}`;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const init: RequestInit = { method, headers, credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer" };
    if (body !== undefined) init.body = JSON.stringify(body);
    return init;
  }

  async #call(
    method: string, path: string, key: Key | null, body?: unknown, ms = CALL_MS, signal?: AbortSignal,
  ): Promise<unknown> {
    const stop = new AbortController();
    const end = (): void => stop.abort();
    const deadline = setTimeout(end, ms);
    signal?.addEventListener("abort", end);
    let response: Response;
    let parsed: unknown;
    try {
      response = await this.#fetcher(this.#base + path, { ...this.#init(method, key, body), signal: stop.signal });
      parsed = await response.json().catch(() => null);
    } catch {
      throw new ApiError(0, signal?.aborted ? "aborted" : "network");
    } finally {
      clearTimeout(deadline);
      signal?.removeEventListener("abort", end);
    }
    if (!response.ok) throw ApiError.from(response.status, parsed, Number(response.headers.get("Retry-After")) || 0);
    return parsed;
  }
}
