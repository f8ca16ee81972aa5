// What every page of the console needs: calls, words, presence, locking. Never builds HTML from text.
const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";
const csrf = meta("csrf");
const said = JSON.parse(meta("words") || "{}");
const status = document.getElementById("status");
const IDLE_SOON = 13 * 60 * 1000;
let touched = Date.now();

export const word = (key, values = {}) => (said[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "…");
export const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, "0")).join("");

export function tell(text, lasting = false) {
  status.textContent = text;
  if (text && !lasting) setTimeout(() => status.textContent === text && (status.textContent = ""), 8000);
}

function leaveIfShutOut(answer) {
  if (answer?.status === 401) location.assign("/console/login");
  if (answer?.status === 423) location.assign("/console/locked");
}

/** The answer's JSON, or null after having told what went wrong. `onError(code)` may take over by returning true. */
export async function post(path, body = {}, onError = () => false) {
  const answer = await fetch(`/console${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-csrf": csrf },
    body: JSON.stringify(body),
  }).catch(() => null);
  if (answer?.ok) return answer.json();
  leaveIfShutOut(answer);
  const error = (await answer?.json().catch(() => null))?.error;
  if (onError(error?.code)) return null;
  const host = error?.details?.host;
  tell((error?.message ?? word("offline")) + (host ? ` (${host})` : ""));
  return null;
}

/** The fragment's nodes, or null when it is not (or no longer) there. */
export async function fragment(path) {
  const answer = await fetch(path).catch(() => null);
  leaveIfShutOut(answer);
  if (!answer?.ok) return null;
  return [...new DOMParser().parseFromString(await answer.text(), "text/html").body.childNodes];
}

for (const kind of ["click", "keydown", "input", "scroll"]) document.addEventListener(kind, () => { touched = Date.now(); }, { passive: true, capture: true });

const available = document.getElementById("available");
available?.addEventListener("change", () => post("/presence", { active: true, available: available.checked }));

function beat() {
  const idle = Date.now() - touched;
  if (idle > IDLE_SOON) tell(word("idle"), true);
  post("/presence", { active: idle < 60 * 1000 });
}
setInterval(beat, 15000);
beat();

document.getElementById("lock")?.addEventListener("click", async () => {
  if (await post("/lock")) location.assign("/console/locked");
});

document.addEventListener("click", (event) => {
  const opens = event.target.closest("[data-open]");
  if (opens) document.getElementById(opens.dataset.open)?.showModal();
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.altKey && event.code === "KeyG") {
    event.preventDefault();
    document.getElementById("keys")?.showModal();
  }
  const menu = event.key === "Escape" && event.target.closest("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
