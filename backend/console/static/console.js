// The console's small script: fetches fragments the server has rendered, sends what the host does. Never builds HTML from text.
const csrf = document.querySelector('meta[name="csrf"]').content;
const queue = document.getElementById("queue");
const panel = document.getElementById("conversation");
const status = document.getElementById("status");
let shown = null;
let known = new Set();
let socket;
let touched = Date.now();

const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, "0")).join("");

async function post(path, body = {}) {
  const answer = await fetch(`/console${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-csrf": csrf },
    body: JSON.stringify(body),
  }).catch(() => null);
  if (answer?.ok) return answer.json();
  const told = await answer?.json().catch(() => null);
  const host = told?.error?.details?.host;
  tell((told?.error?.message ?? "Ingen forbindelse. Det er ikke sendt. Prøv igen.") + (host ? ` (${host})` : ""));
  if (answer?.status === 401) location.assign("/console/login");
  return null;
}

function tell(text) {
  status.textContent = text;
  if (text) setTimeout(() => status.textContent === text && (status.textContent = ""), 8000);
}

async function swap(element, path) {
  const answer = await fetch(path).catch(() => null);
  if (answer?.status === 401) location.assign("/console/login");
  if (!answer?.ok) return false;
  const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
  element.replaceChildren(...parsed.body.childNodes);
  return true;
}

async function showQueue() {
  if (!queue) return;
  await swap(queue, "/console/fragments/queue");
  const waiting = new Set([...queue.querySelectorAll("[data-waiting]")].map((row) => row.dataset.waiting));
  if ([...waiting].some((id) => !known.has(id))) ring();
  known = waiting;
  document.title = waiting.size ? `(${waiting.size}) Værternes konsol` : "Værternes konsol";
}

async function show(id) {
  const draft = panel.querySelector("textarea");
  const kept = shown === id && draft ? { text: draft.value, focus: document.activeElement === draft } : null;
  shown = id;
  if (!(await swap(panel, `/console/fragments/conversations/${id}`))) {
    shown = null;
    panel.textContent = "Samtalen er ikke længere i køen.";
    return;
  }
  const log = panel.querySelector(".log");
  log.scrollTop = log.scrollHeight;
  const box = panel.querySelector("textarea");
  if (box && kept) {
    box.value = kept.text;
    if (kept.focus) box.focus();
  }
}

let audio;
function ring() {
  if (!audio) return;
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  tone.frequency.value = 660;
  volume.gain.setValueAtTime(0.12, audio.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.6);
  tone.connect(volume).connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + 0.6);
}

document.addEventListener("click", async (event) => {
  audio ??= new AudioContext();
  touched = Date.now();
  const button = event.target.closest("button");
  if (!button) return;
  const data = button.dataset;
  if (data.claim) {
    button.disabled = true;
    const claimed = await post(`/conversations/${data.claim}/claim`);
    await showQueue();
    if (claimed) { connect(); await show(data.claim); panel.querySelector("textarea")?.focus(); }
  } else if (data.show) await show(data.show);
  else if ("handBack" in data && (await post(`/conversations/${shown}/hand-back`))) leave("Samtalen er givet tilbage til botten.");
  else if ("close" in data && (await post(`/conversations/${shown}/close`))) leave("Samtalen er afsluttet.");
  else if (data.status) {
    const row = button.closest("[data-enquiry]");
    if (await post(`/enquiries/${row.dataset.enquiry}`, { status: data.status })) location.reload();
  }
});

function leave(text) {
  shown = null;
  panel.textContent = text;
  showQueue();
}

document.addEventListener("submit", async (event) => {
  if (!event.target.matches("form.say")) return;
  event.preventDefault();
  const box = event.target.elements.text;
  const text = box.value.trim();
  if (!text) return;
  event.target.dataset.clientId ||= newId();
  const sent = await post(`/conversations/${shown}/messages`, { client_id: event.target.dataset.clientId, text });
  if (!sent) return;
  delete event.target.dataset.clientId;
  box.value = "";
  await show(shown);
  panel.querySelector("textarea")?.focus();
});

document.addEventListener("keydown", (event) => {
  touched = Date.now();
  if (event.key === "Enter" && !event.shiftKey && event.target.matches("form.say textarea")) {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
});

let lastTyping = 0;
document.addEventListener("input", (event) => {
  if (!event.target.matches("form.say textarea") || Date.now() - lastTyping < 2000) return;
  lastTyping = Date.now();
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ typing: shown }));
});

let wait = 500;
function connect() {
  if (!queue) return;
  if (socket) { socket.onclose = null; socket.close(); }
  socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/console/feed`);
  socket.onopen = () => { wait = 500; showQueue(); if (shown) show(shown); };
  socket.onmessage = async ({ data }) => {
    const { signal } = JSON.parse(data);
    if (signal === "typing:visitor") return typing();
    await showQueue();
    if (shown && (signal === shown || signal === "events")) await show(shown);
  };
  socket.onclose = () => { tell("Forbinder igen …"); setTimeout(connect, wait); wait = Math.min(wait * 2, 8000); };
}

let typingTimer;
function typing() {
  const line = panel?.querySelector(".typing");
  if (!line) return;
  line.textContent = "Gæsten skriver …";
  clearTimeout(typingTimer);
  typingTimer = setTimeout(() => (line.textContent = ""), 4000);
}

document.getElementById("available").addEventListener("change", async (event) => {
  await post("/presence", { active: true, available: event.target.checked });
  showQueue();
});
const beat = () => post("/presence", { active: Date.now() - touched < 5 * 60 * 1000 });
setInterval(beat, 15000);
beat();
connect();
