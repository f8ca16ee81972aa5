/** How long to wait before trying again, and ids that need no secure page. */

/** Milliseconds before try number `attempt` (0, 1, …): doubles from half a second to `cap`, with half of it random. */
export function backoff(attempt: number, random: () => number = Math.random, cap = 15_000): number {
  const full = Math.min(cap, 500 * 2 ** attempt);
  return full / 2 + random() * (full / 2);
}

/** 128 random bits in hex. `crypto.randomUUID` does not exist on pages without TLS. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A sleep that can be cut short: when the net is back nobody should wait for a timer. */
export class Nap {
  #wake: (() => void) | null = null;

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.end(), ms);
      this.#wake = () => { clearTimeout(timer); resolve(); };
    });
  }

  end(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}
