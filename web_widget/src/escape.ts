/** Escape three times within two seconds. */
const WITHIN_MS = 2000;

export function onTripleEscape(target: Window, run: () => void): void {
  let presses: number[] = [];
  target.addEventListener("keydown", ({ key, repeat, timeStamp }) => {
    if (key !== "Escape" || repeat) return;
    presses = [...presses, timeStamp].slice(-3);
    if (timeStamp - (presses[2] ? presses[0]! : -WITHIN_MS) < WITHIN_MS) run();
  }, true);
}
