import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Api } from "../src/core/api";
import type { Key } from "../src/core/api";
import type { SocketLike } from "../src/core/connection";
import { Conversation } from "../src/core/conversation";
import type { ChatEvent } from "../src/core/protocol";
import { Store } from "../src/core/store";

/** A server in memory: numbers messages, knows client ids, can be dead, can lose answers. */
class Server {
  events: ChatEvent[] = [];
  sockets: FakeSocket[] = [];
  requests: string[] = [];
  dead = false;
  loseAnswers = 0;
  socketsWork = true;
  forgotten = false;

  put(more: Partial<ChatEvent>): ChatEvent {
    const event = { n: this.events.length + 1, at: new Date().toISOString(), type: "message", author: "bot", ...more } as ChatEvent;
    this.events.push(event);
    for (const socket of this.sockets) socket.hears(event);
    return event;
  }

  take(body: { client_id: string; text?: string; choice?: string }): number {
    const known = this.events.find((event) => event.client_id === body.client_id);
    return (known ?? this.put({ author: "visitor", text: body.text ?? body.choice ?? "", client_id: body.client_id })).n;
  }

  fetch = async (url: string, init: RequestInit): Promise<Response> => {
    this.requests.push(`${init.method} ${url}`);
    if (this.dead) throw new TypeError("network");
    const answer = this.answer(url, init);
    if (this.loseAnswers > 0 && init.method === "POST") { this.loseAnswers--; throw new TypeError("lost"); }
    return answer;
  };

  answer(url: string, init: RequestInit): Response {
    const body = init.body ? JSON.parse(init.body as string) : {};
    if (url === "/conversations") { this.put({ text: "Hej" }); return json(201, { id: "c1", token: "t1", events: this.events }); }
    if (this.forgotten) return json(404, { error: { code: "not_found", message: "Væk" } });
    if (url.includes("/events")) return json(200, { events: this.events.slice(Number(/after=(\d+)/.exec(url)![1])), state: "with_bot" });
    if (url.endsWith("/messages")) { const n = this.take(body); return json(200, { n, events: this.events.slice(n - 1) }); }
    if (init.method === "DELETE") return json(200, { events: [], receipt: { at: "2026-11-22T12:00:00+00:00", appointments_cancelled: 1 } });
    return json(200, { events: [], state: "waiting" });
  }
}

const json = (status: number, body: unknown): Response => new Response(JSON.stringify(body), { status });

class FakeSocket implements SocketLike {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  onerror: (() => void) | null = null;
  hello: { token: string; after: number } | null = null;

  constructor(readonly server: Server) {
    setTimeout(() => (server.socketsWork && !server.dead ? this.onopen?.() : this.onclose?.()), 1);
  }

  send(data: string): void {
    const frame = JSON.parse(data);
    if (frame.type === "hello") { this.hello = frame; this.server.sockets.push(this); }
    if (frame.type === "ping") this.reply({ type: "pong" });
    if (frame.type === "hello") this.server.events.filter(({ n }) => n > frame.after).forEach((event) => this.reply(event));
    if (frame.type === "message") this.reply({ type: "ack", client_id: frame.client_id, n: this.server.take(frame) });
  }

  hears(event: ChatEvent): void { this.reply(event); }
  reply(frame: unknown): void { this.onmessage?.({ data: JSON.stringify(frame) }); }

  close(): void {
    this.server.sockets = this.server.sockets.filter((socket) => socket !== this);
    this.onclose?.();
  }
}

function setup(server: Server, remembered: Key | null = null) {
  const store = new Store();
  const memory = { key: remembered, read() { return this.key; }, write(key: Key) { this.key = key; }, forget() { this.key = null; } };
  const conversation = new Conversation({
    api: new Api("", server.fetch), store, memory, place: { municipality: "rodovre", channel: "municipality" },
    socket: () => new FakeSocket(server), random: () => 1,
  });
  return { conversation, store, memory };
}

const texts = (store: Store): (string | undefined)[] => store.state.events.map((event) => event.text);

describe("conversation", () => {
  let server: Server;
  beforeEach(() => { vi.useFakeTimers(); server = new Server(); });
  afterEach(() => { vi.useRealTimers(); });

  it("opens, greets, sends and hears", async () => {
    const { conversation, store, memory } = setup(server);
    void conversation.begin();
    await vi.advanceTimersByTimeAsync(50);
    expect(memory.key).toEqual({ id: "c1", token: "t1" });
    conversation.say("hjælp mig");
    await vi.advanceTimersByTimeAsync(50);
    server.put({ text: "Fortæl" });
    expect(texts(store)).toEqual(["Hej", "hjælp mig", "Fortæl"]);
    expect(store.state.outgoing).toEqual([]);
    expect(store.state.link).toBe("live");
  });

  it("resumes from what the tab remembers, without a second conversation", async () => {
    [1, 2, 3].forEach((n) => server.put({ text: `m${n}` }));
    const { conversation, store } = setup(server, { id: "c1", token: "t1" });
    void conversation.begin();
    await vi.advanceTimersByTimeAsync(50);
    expect(texts(store)).toEqual(["m1", "m2", "m3"]);
    expect(server.requests).not.toContain("POST /conversations");
    expect(server.sockets[0]?.hello?.after).toBe(3);
  });

  it("opens a new one when the remembered one is gone", async () => {
    server.forgotten = true;
    const { conversation, memory } = setup(server, { id: "old", token: "old" });
    void conversation.begin();
    await vi.advanceTimersByTimeAsync(20);
    expect(memory.key?.id).toBe("c1");
  });

  it("makes one message of a sending whose answer was lost", async () => {
    server.socketsWork = false;
    const { conversation, store } = setup(server);
    void conversation.begin();
    await vi.advanceTimersByTimeAsync(50);
    server.loseAnswers = 2;
    conversation.say("kun én gang");
    await vi.advanceTimersByTimeAsync(10_000);
    expect(server.events.filter((event) => event.text === "kun én gang")).toHaveLength(1);
    expect(texts(store).filter((text) => text === "kun én gang")).toHaveLength(1);
    expect(store.state.outgoing).toEqual([]);
  });

  it("polls when the socket is dead, and misses nothing when it comes back", async () => {
    const { conversation, store } = setup(server);
    void conversation.begin();
    await vi.advanceTimersByTimeAsync(50);
    server.socketsWork = false;
    server.sockets[0]!.close();
    server.put({ text: "imens" });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(texts(store)).toContain("imens");
    server.socketsWork = true;
    await vi.advanceTimersByTimeAsync(60_000);
    server.put({ text: "efter" });
    await vi.advanceTimersByTimeAsync(100);
    expect(texts(store)).toEqual(["Hej", "imens", "efter"]);
    conversation.forget();
  });

  it("does not storm a server that answers every poll at once", async () => {
    const { conversation } = setup(server);
    server.socketsWork = false;
    void conversation.begin();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(server.requests.length).toBeLessThan(60);
    conversation.forget();
  });

  it("fetches what a gap hides", async () => {
    const { conversation, store } = setup(server);
    void conversation.begin();
    await vi.advanceTimersByTimeAsync(50);
    const lost = server.sockets.splice(0);
    server.put({ text: "tabt" });
    server.sockets = lost;
    server.put({ text: "set" });
    await vi.advanceTimersByTimeAsync(50);
    expect(texts(store)).toEqual(["Hej", "tabt", "set"]);
    conversation.forget();
  });

  it("tells of trouble, keeps the words, and is calm when they are through", async () => {
    const { conversation, store } = setup(server);
    void conversation.begin();
    await vi.advanceTimersByTimeAsync(50);
    server.dead = true;
    server.sockets[0]!.close();
    conversation.say("er her nogen");
    await vi.advanceTimersByTimeAsync(3_000);
    expect(store.state.trouble?.kind).toBe("send");
    expect(store.state.outgoing[0]).toMatchObject({ text: "er her nogen", status: "retrying" });
    expect(store.state.link).toBe("reconnecting");
    server.dead = false;
    await vi.advanceTimersByTimeAsync(30_000);
    expect(store.state.trouble).toBeNull();
    expect(texts(store)).toContain("er her nogen");
    conversation.forget();
  });

  it("lets the guest write before the conversation is open", async () => {
    server.dead = true;
    const { conversation, store } = setup(server);
    void conversation.begin();
    conversation.say("tidligt");
    await vi.advanceTimersByTimeAsync(2_000);
    expect(store.state.trouble?.kind).toBe("start");
    server.dead = false;
    conversation.nudge();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(texts(store)).toEqual(["Hej", "tidligt"]);
    conversation.forget();
  });

  it("forgets here first and hands over what the farewell needs", async () => {
    const { conversation, memory } = setup(server);
    void conversation.begin();
    await vi.advanceTimersByTimeAsync(50);
    expect(conversation.forget()).toEqual({ id: "c1", token: "t1" });
    expect(memory.key).toBeNull();
    expect(server.sockets).toEqual([]);
    const before = server.requests.length;
    await vi.advanceTimersByTimeAsync(120_000);
    expect(server.requests.length).toBe(before);
  });

  it("says deleted only when the server has said so", async () => {
    const { conversation, store, memory } = setup(server);
    void conversation.begin();
    await vi.advanceTimersByTimeAsync(50);
    server.dead = true;
    expect(await conversation.erase()).toBe(false);
    expect(store.state.phase).toBe("open");
    expect(memory.key).not.toBeNull();
    server.dead = false;
    expect(await conversation.erase()).toBe(true);
    expect(store.state).toMatchObject({ phase: "erased", receipt: { appointments_cancelled: 1 }, events: [] });
    expect(memory.key).toBeNull();
  });
});
