// What the guard in the browser looks for and says: the mask's own word lists, the channels' promises, and src/text/guard.yml.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

const room = join(dirname(fileURLToPath(import.meta.url)), "..");
const read = (path) => parse(readFileSync(join(room, path), "utf8"));

function guard() {
  const { introductions, not_names, street_ends, school_ends, public_numbers, labels } = read("../backend/safety/patterns/personal_data.yml");
  const { promises } = read("../municipalities/_national/promises.yml");
  const meaning = Object.fromEntries(Object.entries(promises).map(([channel, { anonymity }]) => [channel, anonymity]));
  const { joining, ...text } = read("src/text/guard.yml");
  return { words: { introductions, not_names, street_ends, school_ends, public_numbers, joining }, labels, meaning, text };
}

export function writeGuard() {
  writeFileSync(join(room, "src/guard.json"), `${JSON.stringify(guard(), null, 1)}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeGuard();
