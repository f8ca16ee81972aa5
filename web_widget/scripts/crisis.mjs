// The crisis facts: `npm run crisis` takes them from the municipalities' checked content into src/crisis.json.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const room = join(dirname(fileURLToPath(import.meta.url)), "..");
const facts = join(room, "src/crisis.json");

/** The base numbers as plain HTML, for pages where no script runs. */
export function numbersList() {
  const { lines } = JSON.parse(readFileSync(facts, "utf8"));
  const item = (line) => `<li>${line.name}: <a href="tel:${line.phone.replaceAll(" ", "")}">${line.phone}</a></li>`;
  return `<ul>${lines.filter((line) => line.base).map(item).join("")}</ul>`;
}
