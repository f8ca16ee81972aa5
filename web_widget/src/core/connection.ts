/**
 * One conversation's feed: a WebSocket, and HTTP long-poll whenever the socket is not there. Both start after the last
 * number the store has, so nothing is missed and what comes twice is known by its number.
 */
import { ApiError } from "./api";
import type { Key } from "./api";
import { Nap, backoff } from "./backoff";
import { isRecord } from "./protocol";
import type { Answer } from "./protocol";

export type Link = "connecting" | "live" | "reconnecting";

export interface SocketLike {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
  onerror: (() => void) | null;
  send(data: string): void;
  close(): void;
}

export interface ConnectionParts {
  key: Key;
  after(): number;
  socket(): SocketLike;
  poll(after: number, wait: number, signal: AbortSignal): Promise<Answer>;
  onFrame(frame: Record<string, unknown>): void;
  onAnswer(answer: Answer): void;
  onLink(link: Link): void;
  onGone(): void;
  /** The socket that carried frames is no more; what was not acknowledged on it may be lost. */
  onDrop(): void;
  random?: () => number;
}

const LIVE_WITHIN_MS = 4_000;
const PING_EVERY_MS = 25_000;
const PONG_WITHIN_MS = 10_000;
const POLL_SECONDS = 20;
/** Between two polls, so that a proxy that answers at once is not asked a thousand times a second. */
const BREATH_MS = 200;

export class Connection {
  #socket: SocketLike | null = null;
  #socketLive = false;
  #tries = 0;
  #running = false;
  #polling: AbortController | null = null;
  #heard = 0;
  readonly #naps = { socket: new Nap(), poll: new Nap() };
  #timers: ReturnType<typeof setTimeout>[] = [];

  readonly #parts: ConnectionParts;

  constructor(parts: ConnectionParts) { this.#parts = parts; }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    void this.#keepSocket();
  }

  stop(): void {
    this.#running = false;
    this.#dropSocket();
    this.#polling?.abort();
    this.nudge();
  }

  /** The net may be back: try at once. */
  nudge(): void {
    this.#naps.socket.end();
    this.#naps.poll.end();
  }

  get live(): boolean { return this.#socketLive; }

  /** True when the frame left on an open socket; that is not yet an acknowledgement. */
  send(frame: Record<string, unknown>): boolean {
    if (!this.#socketLive || !this.#socket) return false;
    try { this.#socket.send(JSON.stringify(frame)); } catch { return false; }
    return true;
  }

  async #keepSocket(): Promise<void> {
    while (this.#running) {
      await this.#oneSocket();
      if (!this.#running) return;
      void this.#keepPolling();
      await this.#naps.socket.sleep(backoff(this.#tries++, this.#parts.random, 30_000));
    }
  }

  /** Resolves when this socket is over. */
  #oneSocket(): Promise<void> {
    return new Promise((resolve) => {
      const socket = this.#openSocket();
      if (!socket) return resolve();
      this.#socket = socket;
      socket.onopen = () => this.#hello();
      socket.onmessage = (event) => this.#hear(event.data);
      socket.onerror = () => undefined;
      socket.onclose = () => { this.#dropSocket(); resolve(); };
      this.#later(LIVE_WITHIN_MS, () => { if (!this.#socketLive) this.#end(socket, resolve); });
    });
  }

  #openSocket(): SocketLike | null {
    try { return this.#parts.socket(); } catch { return null; }
  }

  #end(socket: SocketLike, resolve: () => void): void {
    socket.onclose = null;
    socket.close();
    this.#dropSocket();
    resolve();
  }

  #hello(): void {
    const { key, after } = this.#parts;
    this.#socket?.send(JSON.stringify({ type: "hello", token: key.token, after: after() }));
    this.#socket?.send(JSON.stringify({ type: "ping" }));
  }

  #hear(data: unknown): void {
    const frame = readFrame(data);
    if (!frame) return;
    this.#heard = Date.now();
    if (!this.#socketLive && frame.type !== "error") this.#nowLive();
    if (frame.type !== "pong") this.#parts.onFrame(frame);
  }

  #nowLive(): void {
    this.#socketLive = true;
    this.#tries = 0;
    this.#polling?.abort();
    this.#polling = null;
    this.#parts.onLink("live");
    this.#later(PING_EVERY_MS, () => this.#beat());
  }

  /** A socket can be dead without saying so; a ping that nobody answers closes it. */
  #beat(): void {
    const asked = Date.now();
    if (!this.send({ type: "ping" })) return;
    this.#later(PONG_WITHIN_MS, () => { if (this.#heard < asked) this.#socket?.close(); });
    this.#later(PING_EVERY_MS, () => this.#beat());
  }

  #dropSocket(): void {
    this.#timers.forEach(clearTimeout);
    this.#timers = [];
    const socket = this.#socket;
    const wasLive = this.#socketLive;
    this.#socket = null;
    this.#socketLive = false;
    if (wasLive) this.#parts.onDrop();
    if (socket) { socket.onclose = null; socket.onmessage = null; socket.close(); }
  }

  async #keepPolling(): Promise<void> {
    if (this.#polling) return;
    const stop = (this.#polling = new AbortController());
    for (let failures = 0; this.#running && !stop.signal.aborted;) {
      const wait = failures === 0 ? POLL_SECONDS : 0;
      failures = (await this.#pollOnce(wait, stop.signal)) ? 0 : failures + 1;
      await this.#naps.poll.sleep(failures ? backoff(failures - 1, this.#parts.random) : BREATH_MS);
    }
    if (this.#polling === stop) this.#polling = null;
  }

  async #pollOnce(wait: number, signal: AbortSignal): Promise<boolean> {
    try {
      const answer = await this.#parts.poll(this.#parts.after(), wait, signal);
      if (signal.aborted) return true;
      this.#parts.onLink("live");
      this.#parts.onAnswer(answer);
      return true;
    } catch (error) {
      if (signal.aborted || !this.#running) return true;
      if (error instanceof ApiError && error.gone) { this.stop(); this.#parts.onGone(); return true; }
      this.#parts.onLink("reconnecting");
      return false;
    }
  }

  #later(ms: number, run: () => void): void {
    this.#timers.push(setTimeout(run, ms));
  }
}

function readFrame(data: unknown): Record<string, unknown> | null {
  if (typeof data !== "string") return null;
  try {
    const frame: unknown = JSON.parse(data);
    return isRecord(frame) ? frame : null;
  } catch {
    return null;
  }
}
