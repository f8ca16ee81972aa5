import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../src/core/api";
import { backoff, newId } from "../src/core/backoff";
import { Outbox } from "../src/core/outbox";
import type { Outgoing } from "../src/core/outbox";

const item = (clientId: string): Outgoing => ({ clientId, text: clientId, status: "sending" });

function setup(deliver: (item: Outgoing, attempt: number) => Promise<number | undefined>) {
  const seen: string[] = [];
  const troubles: ApiError[] = [];
  const outbox = new Outbox({
    deliver, random: () => 1,
    onChange: (item) => seen.push(`${item.clientId} ${item.status}`),
    onTrouble: (error) => troubles.push(error),
  });
  return { outbox, seen, troubles };
}

describe("outbox", () => {
  beforeEach(() => { vi.useFakeTimers(); });
  afterEach(() => { vi.useRealTimers(); });

  it("sends in order, one at a time", async () => {
    const order: string[] = [];
    const { outbox, seen } = setup(async (item) => { order.push(item.clientId); await Promise.resolve(); return order.length; });
    outbox.add(item("a"));
    outbox.add(item("b"));
    await vi.runAllTimersAsync();
    expect(order).toEqual(["a", "b"]);
    expect(seen).toEqual(["a sending", "b sending", "a sent", "b sent"]);
  });

  it("tries again with the same id until it is through", async () => {
    const ids: string[] = [];
    const { outbox, seen } = setup(async (item, attempt) => { ids.push(item.clientId); if (attempt < 3) throw new ApiError(503, "x"); return 9; });
    outbox.add(item("a"));
    await vi.runAllTimersAsync();
    expect(ids).toEqual(["a", "a", "a", "a"]);
    expect(seen).toEqual(["a sending", "a retrying", "a retrying", "a retrying", "a sent"]);
  });

  it("gives up at once when trying again cannot help, and goes on with the next", async () => {
    const { outbox, seen } = setup(async (item) => { if (item.clientId === "a") throw new ApiError(422, "bad", "For langt"); return 1; });
    outbox.add(item("a"));
    outbox.add(item("b"));
    await vi.runAllTimersAsync();
    expect(seen).toContain("a failed");
    expect(seen).toContain("b sent");
  });

  it("gives up all together after a minute, and a retry sends the same id", async () => {
    let dead = true;
    const { outbox, seen } = setup(async () => { if (dead) throw new ApiError(0, "network"); return 1; });
    outbox.add(item("a"));
    outbox.add(item("b"));
    await vi.advanceTimersByTimeAsync(120_000);
    expect(seen.filter((line) => line.endsWith("failed"))).toEqual(["a failed", "b failed"]);
    dead = false;
    outbox.retry({ ...item("a"), status: "failed", error: "x" });
    await vi.runAllTimersAsync();
    expect(seen.at(-1)).toBe("a sent");
  });

  it("waits no longer than it must when the net is back", async () => {
    let dead = true;
    const { outbox, seen } = setup(async () => { if (dead) throw new ApiError(0, "network"); return 1; });
    outbox.add(item("a"));
    await vi.advanceTimersByTimeAsync(10);
    dead = false;
    outbox.nudge();
    await vi.advanceTimersByTimeAsync(1);
    expect(seen.at(-1)).toBe("a sent");
  });

  it("honours a refusal's own waiting time", async () => {
    let tries = 0;
    const { outbox } = setup(async () => { tries++; throw new ApiError(429, "slow", "", null, 20); });
    outbox.add(item("a"));
    await vi.advanceTimersByTimeAsync(19_000);
    expect(tries).toBe(1);
  });

  it("says nothing more once stopped", async () => {
    const { outbox, seen } = setup(async () => { throw new ApiError(0, "network"); });
    outbox.add(item("a"));
    await vi.advanceTimersByTimeAsync(10);
    outbox.stop();
    const before = seen.length;
    await vi.runAllTimersAsync();
    expect(seen.length).toBe(before);
  });
});

describe("backoff", () => {
  it("grows, is jittered and has a roof", () => {
    expect(backoff(0, () => 0)).toBe(250);
    expect(backoff(0, () => 1)).toBe(500);
    expect(backoff(40, () => 1)).toBe(15_000);
  });

  it("makes ids nobody made before", () => {
    expect(new Set(Array.from({ length: 500 }, newId)).size).toBe(500);
    expect(newId()).toMatch(/^[0-9a-f]{32}$/);
  });
});
