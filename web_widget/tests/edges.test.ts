import { describe, expect, it, vi } from "vitest";
import { ApiError } from "../src/core/api";
import { chatWords, letter, readLetter } from "../src/bridge";
import { onTripleEscape } from "../src/escape";
import { tabMemory } from "../src/memory";
import { doorsCard, plainDoor } from "../src/views/cards/doors";
import { giftCard } from "../src/views/cards/gift";
import { vcard } from "../src/views/cards/keep";
import { drawCard } from "../src/views/cards/card";
import { choiceList } from "../src/views/choices";
import { safeHref, spaced } from "../src/views/links";

describe("letters between page and frame", () => {
  it("are read only in exactly our form", () => {
    expect(readLetter(letter("ready"), chatWords)).toBe("ready");
    for (const bad of [null, 7, "ready", {}, { say: "ready" }, { indgang: 2, say: "ready" }, { indgang: 1, say: "dance" },
      { indgang: 1, say: "ready", url: "https://evil" }, { indgang: 1, say: "leave" }]) expect(readLetter(bad, chatWords)).toBeUndefined();
  });
});

describe("escape three times", () => {
  const press = (timeStamp: number, key = "Escape"): void => {
    const event = new KeyboardEvent("keydown", { key });
    Object.defineProperty(event, "timeStamp", { value: timeStamp });
    window.dispatchEvent(event);
  };

  it("leaves within two seconds, not slower, not with other keys", () => {
    const run = vi.fn();
    onTripleEscape(window, run);
    [0, 1500, 3000].forEach((time) => press(time));
    press(3100, "a");
    expect(run).not.toHaveBeenCalled();
    press(3200);
    expect(run).toHaveBeenCalledTimes(1);
  });
});

describe("what the tab remembers", () => {
  it("is id and token for this place, and nothing after forgetting", () => {
    const memory = tabMemory("rodovre municipality");
    memory.write({ id: "i", token: "t" });
    expect(memory.read()).toEqual({ id: "i", token: "t" });
    expect(tabMemory("ballerup municipality").read()).toBeNull();
    expect(Object.keys(sessionStorage)).toEqual(["p1"]);
    memory.forget();
    expect(memory.read()).toBeNull();
    expect(sessionStorage.length).toBe(0);
    sessionStorage.setItem("p1", "not json");
    expect(memory.read()).toBeNull();
  });
});

describe("what is taken along", () => {
  const door = { id: "x", name: "Huset; ved, søen", contact: { phone: "11 22 33 44", address: "Vej 1\n2610 By" } };

  it("says nothing of a chat", () => {
    expect(plainDoor(door)).toBe("Huset; ved, søen\nRing 11 22 33 44\nVej 1\n2610 By");
    expect(plainDoor(door)).not.toMatch(/chat|robot|indgang/i);
    expect(plainDoor({ ...door, page: "/rodovre/tilbud/x" })).toContain(`${location.origin}/rodovre/tilbud/x`);
  });

  it("leads to the door's own page, and only to a page of ours", () => {
    const links = (page: string) => [...doorsCard({ kind: "doors", doors: [{ ...door, page }] }).querySelectorAll("a.small")];
    expect(links("/rodovre/tilbud/x").map((a) => a.getAttribute("href"))).toEqual(["/rodovre/tilbud/x"]);
    expect(links("javascript:alert(1)")).toEqual([]);
    expect(links("//elsewhere.example")).toEqual([]);
  });

  it("is a readable contact", () => {
    expect(vcard(door)).toContain("FN:Huset\\; ved\\, søen\r\n");
    expect(vcard(door)).toContain("TEL;TYPE=VOICE:11223344\r\n");
    expect(vcard(door)).toContain("ADR:;;Vej 1\\n2610 By;;;;\r\n");
  });
});

describe("drawing", () => {
  const event = { n: 1, at: "", type: "message" as const, author: "bot" as const };

  it("never lets text become HTML", () => {
    const list = choiceList([{ id: "1", title: "<img src=x onerror=alert(1)>" }], () => undefined)!;
    expect(list.querySelector("img")).toBeNull();
    expect(list.textContent).toContain("<img");
  });

  it("draws nothing for a card it does not know or cannot read", () => {
    expect(drawCard({ ...event, card: { kind: "dance" } }, true, () => undefined)).toBeNull();
    expect(drawCard({ ...event, card: { kind: "doors" } }, true, () => undefined)).toBeNull();
  });

  it("links only to web, phone, sms and mail", () => {
    expect(safeHref("https://a.dk")).toBe("https://a.dk");
    for (const bad of ["javascript:alert(1)", "data:text/html,x", "//evil.dk", "JAVASCRIPT:x"]) expect(safeHref(bad)).toBeNull();
  });

  it("writes numbers as Danes read them", () => {
    expect(["70201201", "116111", "112", "70 201 201"].map(spaced)).toEqual(["70 20 12 01", "116 111", "112", "70 20 12 01"]);
  });
});

describe("refusals", () => {
  it("say whether trying again helps and carry the server's crisis card", () => {
    const error = ApiError.from(503, { error: { code: "x", message: "Nej", details: { crisis: { kind: "crisis", lines: [] } } } });
    expect(error.retryable).toBe(true);
    expect(error.crisis?.kind).toBe("crisis");
    expect(ApiError.from(422, null).retryable).toBe(false);
    expect(ApiError.from(404, "x").gone).toBe(true);
  });
});

describe("a door to give away", () => {
  const card = { kind: "door_card" as const, name: "headspace", make: { door: "headspace", municipality: "rodovre" } };
  const pressed = async (answer: () => Promise<unknown>): Promise<[HTMLElement, unknown[][]]> => {
    const calls: unknown[][] = [];
    vi.stubGlobal("fetch", (...call: unknown[]) => { calls.push(call); return answer(); });
    const drawn = giftCard(card);
    drawn.querySelector<HTMLElement>("button")?.click();
    await vi.waitFor(() => expect(drawn.querySelector("[role=status]")?.textContent).not.toBe(""));
    vi.unstubAllGlobals();
    return [drawn, calls];
  };

  it("asks for the code with nothing of the conversation", async () => {
    const [drawn, calls] = await pressed(async () => ({ json: async () => ({ code: "K7XM-9QPT", address: "https://x/d/K7XM-9QPT" }) }));
    expect(drawn.textContent).toContain("K7XM-9QPT");
    expect(calls).toEqual([["/api/v1/door-cards", { method: "POST", credentials: "omit", body: JSON.stringify(card.make) }]]);
  });

  it("says so when it did not work", async () => {
    for (const answer of [async () => { throw new Error("offline"); }, async () => ({ json: async () => ({ error: {} }) })]) {
      expect((await pressed(answer))[0].textContent).toContain("Prøv igen");
    }
  });
});
