/** What a guest can do; the views call these and know nothing of how. */
import type { Outgoing } from "../core/outbox";
import type { Choice } from "../core/protocol";

export interface Deeds {
  /** Sends, or asks first; `sent` runs once the words are on their way, `edit` when the guest would rather change them. */
  say(text: string, sent: () => void, edit: () => void): void;
  choose(choice: Choice): void;
  retry(item: Outgoing): void;
  typing(): void;
  human(): void;
  help(): void;
  leave(): void;
  erase(): void;
  minimise(): void;
  restart(): void;
  nudge(): void;
}
