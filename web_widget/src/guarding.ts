/** What the chat and the guard's own script say to each other. */

export interface Draft {
  text: string;
  channel: "municipality" | "headspace";
  /** The bot has just asked for a number or a mail address. */
  expectsContact: boolean;
  send(text: string): void;
  edit(): void;
}

export interface Guard {
  /** True when the guest is asked first; then `send` or `edit` follows. */
  asks(draft: Draft): boolean;
  forget(): void;
}

declare global {
  interface Window { guard?: Guard }
}
