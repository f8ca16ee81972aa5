/** What the launcher on the page and the chat in the frame may say to each other: a few words each way, no content. */

export const chatWords = ["ready", "minimise", "exit", "attention", "calm"] as const;
export const pageWords = ["shown", "hidden", "leave"] as const;
export type FromChat = (typeof chatWords)[number];
export type FromPage = (typeof pageWords)[number];

interface Letter { indgang: 1; say: string }

export const letter = (say: FromChat | FromPage): Letter => ({ indgang: 1, say });

/** The word, when the letter has exactly our form and one of the known words; else undefined. */
export function readLetter<Word extends string>(data: unknown, known: readonly Word[]): Word | undefined {
  const { indgang, say, ...rest } = (data ?? {}) as Partial<Letter>;
  return indgang === 1 && Object.keys(rest).length === 0 ? known.find((word) => word === say) : undefined;
}
