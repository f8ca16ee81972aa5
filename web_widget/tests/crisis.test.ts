import { describe, expect, it } from "vitest";
import { crisisNow } from "../src/core/crisis";
import type { CrisisFacts } from "../src/core/crisis";
import facts from "../src/crisis.json";
import { crisis as text } from "../src/text/da";
import { crisisCard } from "../src/views/cards/crisis";

const at = (time: string) => crisisNow(facts as CrisisFacts, new Date(time), text.hours);
const names = (time: string): string[] => at(time).lines.map((line) => line.name);

describe("the static crisis card", () => {
  it("has 112 first at every hour of the day", () => {
    for (let hour = 0; hour < 24; hour++) {
      expect(names(`2026-11-22T${String(hour).padStart(2, "0")}:30:00+01:00`)[0]).toBe("Alarm 112");
    }
  });

  it.each([["04:59", true], ["05:00", false], ["08:59", false], ["09:00", true], ["23:30", true]])(
    "at %s Livslinien is open: %s", (time, open) => {
      expect(names(`2026-11-22T${time}:00+01:00`).includes("Livslinien")).toBe(open);
      expect(names(`2026-07-22T${time}:00+02:00`).includes("Livslinien")).toBe(open);
    });

  it("falls back to the base numbers, without a date, when a check has run out", () => {
    expect(names("2031-01-01T12:00:00+01:00")).toEqual(["Alarm 112", "Akuttelefonen 1813", "BørneTelefonen"]);
    expect(at("2031-01-01T12:00:00+01:00").checked_on).toBe("");
  });

  it("draws a telephone link for every line", () => {
    const links = [...crisisCard(at("2026-11-22T12:00:00+01:00")).querySelectorAll("a")].map((link) => link.getAttribute("href"));
    expect(links).toEqual(["tel:112", "tel:1813", "tel:116111", "tel:70201201", "tel:82121212", "tel:1888"]);
  });
});
