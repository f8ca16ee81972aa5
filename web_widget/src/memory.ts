/** Id and token, for as long as the tab, under a key that tells nobody anything. No words are ever kept here. */
import type { Key } from "./core/api";
import type { Memory } from "./core/conversation";

const NAME = "p1";

export function tabMemory(place: string): Memory {
  let fallback: string | null = null;
  return {
    read: () => parse(guarded(() => sessionStorage.getItem(NAME)) ?? fallback, place),
    write: (key) => { fallback = JSON.stringify([place, key.id, key.token]); keep(fallback); },
    forget: () => { fallback = null; guarded(() => sessionStorage.removeItem(NAME)); },
  };
}

function keep(value: string): void {
  guarded(() => sessionStorage.setItem(NAME, value));
}

/** Browsers may forbid storage in a frame from elsewhere; then the page's own memory must do. */
function guarded<T>(run: () => T): T | null {
  try { return run(); } catch { return null; }
}

function parse(value: string | null, place: string): Key | null {
  const parts: unknown = guarded(() => JSON.parse(value ?? "null"));
  if (!Array.isArray(parts) || parts.length !== 3 || parts[0] !== place) return null;
  return { id: String(parts[1]), token: String(parts[2]) };
}
