/** The static crisis card: checked facts in, the card that is true at this minute out. */
import type { CrisisCard, Open } from "./protocol";

export interface CrisisFact {
  name: string; phone: string; text: string; note?: string;
  /** Daily opening hours in Copenhagen time, `["09:00", "05:00"]`; may run past midnight. None: round the clock. */
  hours?: string[];
  /** Shown for as long as the card exists, also when its check is too old. */
  base?: boolean;
  valid_until: string;
}

/** `checked_on` is already written as people read it. */
export interface CrisisFacts { lead: string; steps: string[]; checked_on: string; lines: CrisisFact[] }

export interface HoursText { always: string; until(time: string): string }

/** Lines whose check is still valid and that are open now; the base numbers always. No I/O: `now` comes in. */
export function crisisNow(facts: CrisisFacts, now: Date, text: HoursText): CrisisCard {
  const [day = "", time = ""] = copenhagen(now).split(" ");
  const fresh = (fact: CrisisFact): boolean => day <= fact.valid_until;
  const shown = facts.lines.filter((fact) => fact.base || (fresh(fact) && openAt(time, fact.hours)));
  const lines = shown.map((fact) => ({ ...fact, open: opening(fact, text) }));
  return { ...facts, kind: "crisis", lines, checked_on: facts.lines.every(fresh) ? facts.checked_on : "" };
}

/** `2026-11-22 13:05`, whose parts compare as text. */
const copenhagen = (now: Date): string =>
  now.toLocaleString("sv", { timeZone: "Europe/Copenhagen", dateStyle: "short", timeStyle: "short" });

const opening = ({ hours }: CrisisFact, text: HoursText): Open =>
  ({ now: true, text: hours ? text.until(hours[1]!) : text.always });

/** Hours past midnight are open at 23 and at 04, not at 06. */
function openAt(time: string, [from = "", to = "24"]: string[] = []): boolean {
  return from <= to ? time >= from && time < to : time >= from || time < to;
}
