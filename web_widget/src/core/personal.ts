/**
 * Finds what tells who somebody is, before it leaves the browser. The counterpart of backend/safety/masking.py: both are held to
 * tests/support/personal_data.yml. A first name alone is not asked about.
 */
import data from "../guard.json";

export const kinds = ["cpr", "email", "phone", "address", "name", "school_class"] as const;
export type Kind = (typeof kinds)[number];
export interface Finding { kind: Kind; start: number; end: number }

const { words, labels } = data;
const either = (list: string[]): string => list.map((word) => `[${word[0]}${word[0]!.toUpperCase()}]${word.slice(1)}`).join("|");
const CAPITAL = "[A-ZÆØÅ][\\p{L}\\d.]{0,30}"; // bounded: a message of one long word must not take long
const STREET = either(words.street_ends);
const SCHOOL = either(words.school_ends);
const START = "(?<![\\p{L}\\d])";
const END = "(?![\\p{L}\\d])";
const CLASS = "\\d{1,2}\\.? ?\\p{L}(?!\\p{L})";

const EMAIL = /(?<![\p{L}\d_.+-])[\p{L}\d_.+-]+@[\p{L}\d-]+(?:\.[\p{L}\d-]+)+/gu;
const CPR = /(?<!\d)(\d{2})[ .]?(\d{2})[ .]?(\d{2})[ .–—-]{0,3}\d{4}(?!\d)/g;
const CPR_SPELT = /(?<!\d)(\d[ .-]\d)[ .-](\d[ .-]\d)[ .-](\d[ .-]\d)(?:[ .-]\d){4}(?!\d)/g;
const PHONE = /(?<![\d+])(?:(?:\+|00)45[ .-]?)?[2-9](?:[ .-]?\d){7}(?!\d)/g;
const FLOOR = "(?:,? *\\d{1,2}\\.? ?(?:sal|tv|th|mf)\\.?|,? *(?:tv|th|mf|st)\\.)*(?:,? *\\d{4} [A-ZÆØÅ]\\p{L}+)?";
const ADDRESS = new RegExp(
  `${START}(?:(?:${CAPITAL} ){0,2}\\p{L}{2,40}(?:${words.street_ends.join("|")})|${CAPITAL} (?:${STREET})) \\d{1,3} ?[A-Za-z]?${END}${FLOOR}`, "gu");
const SCHOOL_CLASS = new RegExp(
  `${START}(?:${CLASS} (?:på|i) ${CAPITAL} ?(?:${SCHOOL})|${CAPITAL} ?(?:${CAPITAL} )?(?:${SCHOOL}),? (?:i )?${CLASS})${END}`, "gu");
const INTRODUCTION = new RegExp(`${START}(?:${words.introductions.join("|")}) +`, "giu");
const NAME = /^\p{L}[\p{L}'’-]*(?: +\p{L}[\p{L}'’-]*){0,4}/u;

/** In reading order, never overlapping; where two kinds claim the same place the earlier of `kinds` wins. */
export function personal(text: string): Finding[] {
  const kept: Finding[] = [];
  for (const found of [...cprs(text), ...all("email", EMAIL, text), ...phones(text), ...all("address", ADDRESS, text), ...names(text),
    ...all("school_class", SCHOOL_CLASS, text)]) {
    if (kept.every((other) => found.end <= other.start || other.end <= found.start)) kept.push(found);
  }
  return kept.sort((a, b) => a.start - b.start);
}

/** `text` with each finding replaced by its label, such as `[telefon]`. */
export function covered(text: string, findings: readonly Finding[]): string {
  return [...findings].reverse().reduce((words, { kind, start, end }) => `${words.slice(0, start)}[${labels[kind]}]${words.slice(end)}`, text);
}

const span = (kind: Kind, match: RegExpMatchArray): Finding => ({ kind, start: match.index!, end: match.index! + match[0].length });
const all = (kind: Kind, pattern: RegExp, text: string): Finding[] => [...text.matchAll(pattern)].map((match) => span(kind, match));

function cprs(text: string): Finding[] {
  const matches = [...text.matchAll(CPR), ...text.matchAll(CPR_SPELT)];
  return matches.filter(([, day, month, year]) => isBirthDate(number(day), number(month), number(year))).map((match) => span("cpr", match));
}

const number = (digits = ""): number => Number(digits.replace(/\D/g, ""));

/** A date in either century; numbers for foreigners add 60 to the day. */
function isBirthDate(day: number, month: number, year: number): boolean {
  const own = day > 60 ? day - 60 : day;
  return [1900, 2000].some((century) => {
    const date = new Date(Date.UTC(century + year, month - 1, own));
    return date.getUTCMonth() === month - 1 && date.getUTCDate() === own;
  });
}

function phones(text: string): Finding[] {
  const isPublic = (digits: string): boolean => words.public_numbers.includes(digits.replace(/\D/g, "").slice(-8));
  return [...text.matchAll(PHONE)].filter(([digits]) => !isPublic(digits)).map((match) => span("phone", match));
}

function names(text: string): Finding[] {
  return [...text.matchAll(INTRODUCTION)].flatMap((match) => {
    const start = match.index + match[0].length;
    const length = wholeName(text.slice(start));
    return length ? [{ kind: "name" as const, start, end: start + length }] : [];
  });
}

/** Letters of a first name and at least one more; 0 when there is no second. A small-letter surname must end the clause. */
function wholeName(rest: string): number {
  const said = NAME.exec(rest)?.[0] ?? "";
  const parts = said.split(/ +/);
  if (words.not_names.includes(parts[0]!.toLowerCase())) return 0;
  let count = 1;
  while (count < Math.min(parts.length, 4) && belongs(parts, count, rest.slice(said.length))) count++;
  return count < 2 ? 0 : new RegExp(`^(?:\\S+ +){${count - 1}}[\\p{L}'’-]+`, "u").exec(rest)![0].length;
}

function belongs(parts: string[], at: number, after: string): boolean {
  const part = parts[at]!;
  if (words.joining.includes(part.toLowerCase())) return false;
  if (/^\p{Lu}/u.test(part)) return true;
  const next = parts[at + 1];
  return at === 1 && (next === undefined ? !/^ *[\p{L}\d]/u.test(after) : words.joining.includes(next.toLowerCase()));
}
