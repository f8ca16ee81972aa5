import { describe, expect, it } from "vitest";
import { parseEvent, parseEvents } from "../src/core/protocol";
import type { ChatEvent } from "../src/core/protocol";
import { empty, hasGap, openOffer, plainChoices, reader, reduce, slotChoice } from "../src/core/store";
import type { ChatState } from "../src/core/store";

const event = (n: number, more: Partial<ChatEvent> = {}): ChatEvent =>
  ({ n, at: "2026-11-22T12:00:00+00:00", type: "message", author: "bot", text: `nr ${n}`, ...more });
const take = (state: ChatState, ...events: ChatEvent[]): ChatState => reduce(state, { type: "events", events });
const numbers = (state: ChatState): number[] => state.events.map(({ n }) => n);
const open: ChatState = { ...empty, phase: "open", link: "live" };

describe("events", () => {
  it("keeps one of each number, in order, whatever order and however often they come", () => {
    const all = [1, 2, 3, 4, 5].map((n) => event(n));
    for (let round = 0; round < 50; round++) {
      const mixed = [...all, ...all].sort(() => Math.random() - 0.5);
      const state = mixed.reduce((state, one) => take(state, one), open);
      expect(numbers(state)).toEqual([1, 2, 3, 4, 5]);
      expect(state.last).toBe(5);
    }
  });

  it("does not count past a gap, and says that there is one", () => {
    const state = take(open, event(1), event(2), event(4));
    expect(state.last).toBe(2);
    expect(hasGap(state)).toBe(true);
    const healed = take(state, event(3));
    expect(healed.last).toBe(4);
    expect(hasGap(healed)).toBe(false);
  });

  it("lets an old state never overrule a newer one", () => {
    const state = take(open, event(1), event(3, { type: "state", state: "with_host", host: { alias: "Maja" } }));
    expect(take(state, event(2, { type: "state", state: "waiting", queue_position: 4 })).mode).toBe("with_host");
  });

  it("shows typing until the author speaks", () => {
    const typing = take(open, { ...event(0), type: "typing", author: "host" });
    expect(typing.typing).toBe("host");
    expect(take(typing, event(1, { author: "host" })).typing).toBeNull();
  });

  it("keeps nothing of an erased conversation, told with or without a number", () => {
    const state = take(open, event(1), parseEvent({ type: "erased", author: "system" })!);
    expect(state).toMatchObject({ phase: "erased", events: [], outgoing: [] });
    expect(take(open, event(1, { type: "erased", author: "system" })).phase).toBe("erased");
  });

  it("reads queue place and host's name", () => {
    const waiting = take(open, event(1, { type: "state", author: "system", state: "waiting", queue_position: 3 }));
    expect(reader(waiting)).toEqual({ kind: "queue", position: 3 });
    const hosted = take(waiting, event(2, { type: "state", state: "with_host", host: { alias: "Ali" } }));
    expect(reader(hosted)).toEqual({ kind: "host", alias: "Ali" });
    expect(hosted.queuePosition).toBeNull();
  });
});

describe("outgoing", () => {
  const item = { clientId: "a", text: "hej", status: "sending" as const };
  const said = (state: ChatState, more = {}): ChatState => reduce(state, { type: "outgoing", item: { ...item, ...more } });

  it("gives way to its own event, by client id or by number", () => {
    expect(take(said(open), event(1, { author: "visitor", client_id: "a" })).outgoing).toEqual([]);
    expect(take(said(open, { status: "sent", n: 7 }), event(7, { author: "visitor" })).outgoing).toEqual([]);
  });

  it("does not come back when its status arrives after its event", () => {
    const state = take(open, event(1, { author: "visitor", client_id: "a" }));
    expect(said(state, { status: "sent", n: 1 }).outgoing).toEqual([]);
    const twice = take(said(open), event(1, { author: "visitor" }));
    expect(said(twice, { status: "sent", n: 1 }).outgoing).toEqual([]);
  });

  it("stays when another's message comes", () => {
    expect(take(said(open), event(1, { author: "host", client_id: "a" })).outgoing).toHaveLength(1);
  });
});

describe("who reads along", () => {
  it.each([
    [{ ...open, link: "reconnecting" as const }, "nobody"],
    [{ ...open, mode: "closed" as const }, "nobody"],
    [{ ...open, phase: "gone" as const }, "nobody"],
    [open, "bot"],
    [empty, "starting"],
  ])("%#", (state, kind) => expect(reader(state as ChatState).kind).toBe(kind));
});

describe("choices", () => {
  const choices = [{ id: "c", title: "C" }];

  it("are open for the latest that offers any, and no earlier one", () => {
    const state = take(open, event(1, { choices }), event(2, { author: "visitor" }), event(3, { choices }), event(4, { choices }), event(5));
    expect(openOffer(state)).toBe(4);
    expect(openOffer(take(state, event(6, { author: "visitor" })))).toBe(0);
    expect(openOffer(take(state, event(6, { type: "notice", author: "system", choices })))).toBe(6);
  });

  it("close while an answer is under way and while a host talks", () => {
    const state = take(open, event(1, { choices }));
    const sending = reduce(state, { type: "outgoing", item: { clientId: "a", text: "C", choice: "c", status: "sending" } });
    expect(openOffer(sending)).toBe(0);
    expect(openOffer({ ...state, mode: "with_host" })).toBe(0);
    expect(openOffer(take(state, event(2, { author: "host" })))).toBe(0);
  });

  it("do not repeat a slot that is a button of its own", () => {
    const card = { kind: "slots" as const, slots: [{ id: "c", label: "torsdag" }, { id: "x", label: "fredag" }] };
    const shown = event(1, { choices: [...choices, { id: "7-1", title: "fredag" }, { id: "d", title: "D" }], card });
    expect(plainChoices(shown)).toEqual([{ id: "d", title: "D" }]);
    expect(slotChoice(shown, card.slots[1]!)).toEqual({ id: "7-1", title: "fredag" });
  });
});

describe("parsing", () => {
  it("refuses what is no event and mends what is half one", () => {
    expect(parseEvents([null, 7, [], {}, { type: "message" }, { type: "dance", n: 1 }, { type: "message", n: 1.5 }])).toEqual([]);
    const odd = parseEvent({ n: 1, type: "message", author: "root", text: 5, card: [], choices: [{ id: 1 }], state: "x", host: 3 });
    expect(odd).toMatchObject({ n: 1, author: "system", choices: [] });
    expect(odd).not.toHaveProperty("text");
    expect(odd).not.toHaveProperty("card");
  });

  it("takes a typing without a number", () => {
    expect(parseEvent({ type: "typing", author: "host" })?.n).toBe(0);
  });
});
