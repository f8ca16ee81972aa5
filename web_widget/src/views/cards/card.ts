/** Which drawing belongs to which card. An unknown or broken card draws nothing: its event's text is shown anyway. */
import type { Card, ChatEvent, Choice, CrisisCard, Slot } from "../../core/protocol";
import { slotChoice } from "../../core/store";
import { crisisWays, longDate, spaced } from "../links";
import { appointmentCard } from "./appointment";
import { crisisCard } from "./crisis";
import { doorsCard } from "./doors";
import { enquiryCard } from "./enquiry";
import { giftCard } from "./gift";
import { offersCard } from "./offers";
import { slotsCard } from "./slots";

export function drawCard(event: ChatEvent, active: boolean, choose: (choice: Choice) => void): HTMLElement | null {
  if (!event.card) return null;
  try {
    return draw(event.card as Card, active, (slot) => choose(slotChoice(event, slot)));
  } catch {
    return null;
  }
}

function draw(card: Card, active: boolean, choose: (slot: Slot) => void): HTMLElement | null {
  switch (card.kind) {
    case "doors": return doorsCard(card);
    case "crisis": return servedCrisis(card);
    case "offers": return offersCard(card);
    case "slots": return slotsCard(card, active, choose);
    case "appointment": return appointmentCard(card);
    case "enquiry": return enquiryCard(card);
    case "door_card": return giftCard(card);
    default: return null;
  }
}

/** The server's crisis card carries plain digits and a plain date. */
export function servedCrisis(card: CrisisCard): HTMLElement {
  const lines = card.lines.map((line) => (line.phone ? { ...line, phone: spaced(line.phone) } : line));
  return crisisCard({ ...card, lines, checked_on: longDate(card.checked_on ?? "") }, crisisWays);
}
