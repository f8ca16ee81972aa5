// The static crisis card: our wording (src/text/crisis.yml), the municipalities' checked numbers, hours and dates.
// `npm run crisis` writes src/crisis.json, which both scripts bundle. A line without a checked number stops the build.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

const room = join(dirname(fileURLToPath(import.meta.url)), "..");
const target = join(room, "src/crisis.json");
const read = (path) => parse(readFileSync(join(room, path), "utf8"));

function card() {
  const words = read("src/text/crisis.yml");
  const { facts, doors } = read("../municipalities/_national/doors.yml");
  const lines = words.lines.map((words) => line(words, doors.find((door) => door.id === words.door), facts));
  const oldest = lines.map((line) => line.checked_on).sort()[0];
  return { lead: words.lead, steps: words.steps, checked_on: inWords(oldest), lines: lines.map(({ checked_on, ...rest }) => rest) };
}

function line({ door: id, name, base, text, note }, door, facts) {
  const phone = door?.contacts?.find((contact) => contact.kind === "phone");
  if (!phone?.hours) throw new Error(`crisis card: ${id} has no telephone with hours in doors.yml`);
  const used = [facts[door.fact], facts[phone.fact ?? phone.hours.fact ?? door.fact]];
  if (used.some((fact) => !fact || fact.confidence === "U")) throw new Error(`crisis card: ${id} is not checked`);
  const hours = daily(id, phone.hours);
  return {
    name: name ?? door.name, phone: String(phone.value), text, ...(note ? { note } : {}), ...(base ? { base } : {}),
    ...(hours ? { hours } : {}), valid_until: used.map((fact) => day(fact.valid_until)).sort()[0],
    checked_on: used.map((fact) => day(fact.checked_on)).sort()[0],
  };
}

/** Round the clock, or the same hours every day of the year: anything finer does not belong on this card. */
function daily(id, hours) {
  if (hours.always) return undefined;
  const everyDay = hours.week?.["mon-sun"];
  if (!everyDay) throw new Error(`crisis card: ${id} does not have the same hours every day`);
  return everyDay.split("-");
}

const day = (value) => (value instanceof Date ? value.toISOString() : String(value)).slice(0, 10);

const inWords = (date) =>
  new Date(date).toLocaleDateString("da-DK", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

/** The base numbers as plain HTML, for pages where no script runs. */
export function numbersList() {
  const item = ({ name, phone }) => `<li>${name}: <a href="tel:${phone.replaceAll(" ", "")}">${phone}</a></li>`;
  return `<ul>${card().lines.filter((line) => line.base).map(item).join("")}</ul>`;
}

export function writeCrisis() {
  writeFileSync(target, `${JSON.stringify(card(), null, 1)}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeCrisis();
