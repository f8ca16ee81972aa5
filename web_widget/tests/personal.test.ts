import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import source from "../../tests/support/personal_data.yml?raw";
import { covered, personal } from "../src/core/personal";

const cases = parse(source) as {
  found: Record<string, string[]>; left_alone: string[]; first_name_only: string[];
};
const kindsIn = (text: string): string[] => personal(String(text)).map(({ kind }) => kind);

describe("what tells who somebody is", () => {
  it.each(Object.entries(cases.found).flatMap(([kind, texts]) => texts.map((text) => [String(text), kind])))(
    "%s is found as %s", (text, kind) => expect(kindsIn(text!)).toEqual([kind]));

  it.each([...cases.left_alone, ...cases.first_name_only].map(String))("%s is left alone", (text) => expect(kindsIn(text)).toEqual([]));

  it.each(["jeg hedder Maja, hvad hedder du", "jeg hedder Maja Hvad", "mit navn er ikke vigtigt", "jeg hedder anna men bliver kaldt ann"])(
    "a sentence about a name is read with care: %s", (text) => expect(kindsIn(text).length).toBeLessThanOrEqual(text.endsWith("Hvad") ? 1 : 0));

  it("is covered by the backend's own labels, and the rest is kept", () => {
    const text = "jeg hedder Lise Holm, 010190-1234, ring 20304050 eller lise@example.dk, hilsen";
    expect(covered(text, personal(text))).toBe("jeg hedder [navn], [CPR-nummer], ring [telefon] eller [e-mail], hilsen");
  });

  it.each(["Rosen Vejen jeg hedder 12 34 ", "A", "a", "a.b-c+", "1 "])("is quick on the longest message of %s", (piece) => {
    const text = `${piece.repeat(2000).slice(0, 1999)}@`;
    const before = performance.now();
    personal(text);
    expect(performance.now() - before).toBeLessThan(200);
  });
});
