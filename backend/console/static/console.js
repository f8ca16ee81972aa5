// The desk: queue to the left, one chat at a time to the right. New lines are added; what the host writes is never touched.
import { fragment, newId, post, tell, word } from "./frame.js";
import * as sound from "./sound.js";

const desk = document.getElementById("desk");
const queue = document.getElementById("queue");
const panel = document.getElementById("conversation");
const idle = [...panel.childNodes].map((node) => node.cloneNode(true));
const unread = new Set();
let known = null;
let shown = null;
let socket = null;

const chat = () => panel.querySelector(".chat");
const box = () => panel.querySelector("form.say textarea");
const log = () => panel.querySelector(".log");
const nameOf = (id) => queue.querySelector(`[data-mine="${id}"]`)?.dataset.name ?? "";

// Drafts: one for each chat, in this tab only, gone at sign-out.
const draftKey = (id) => `draft:${id}`;
const keepDraft = () => {
  const text = box();
  if (text && shown) text.value ? sessionStorage.setItem(draftKey(shown), text.value) : sessionStorage.removeItem(draftKey(shown));
};

// The queue

let queueTurn = Promise.resolve();
const showQueue = () => (queueTurn = queueTurn.then(loadQueue));

async function loadQueue() {
  const nodes = await fragment("/console/fragments/queue");
  if (!nodes) return;
  const focus = document.activeElement && queue.contains(document.activeElement) ? { id: document.activeElement.id, ...document.activeElement.dataset } : null;
  const picked = chosenActs();
  queue.replaceChildren(...nodes);
  for (const [id, act] of Object.entries(picked)) {
    const field = queue.querySelector(`form[data-act="${id}"] select`);
    if (field) field.value = act;
  }
  markUnread();
  const waiting = new Set([...queue.querySelectorAll("[data-waiting]")].map((row) => row.dataset.waiting));
  if (known && [...waiting].some((id) => !known.has(id))) {
    sound.ring();
    tell(word("new_guest"));
  }
  known = waiting;
  hearAlarms();
  showTitle();
  if (focus) refocus(focus);
}

const chosenActs = () => Object.fromEntries([...queue.querySelectorAll("form[data-act]")].map((form) => [form.dataset.act, form.elements.act.value]));

/** An alarm is heard until a host has answered it, whether or not somebody looks at the tab. */
let heard = new Set();
function hearAlarms() {
  const rings = [...queue.querySelectorAll("[data-alarm][data-rings]")].map((row) => row.dataset.alarm);
  if (rings.some((id) => !heard.has(id))) tell(word("alarm"), true);
  else if (heard.size && !rings.length) tell("");
  heard = new Set(rings);
  rings.length ? sound.alarm() : sound.allClear();
}

function refocus(data) {
  const { id, ...rest } = data;
  if (id) return document.getElementById(id)?.focus();
  const [name, value] = Object.entries(rest)[0] ?? [];
  if (name) [...queue.querySelectorAll("button")].find((button) => button.dataset[name] === value)?.focus();
}

function showTitle() {
  const count = (known?.size ?? 0) + unread.size;
  document.title = heard.size ? word("alarm_title") : count ? word("waiting", { count }) : word("title");
}

function markUnread() {
  for (const tab of queue.querySelectorAll("[data-mine]")) {
    tab.querySelector(".unread").hidden = !unread.has(tab.dataset.mine);
    tab.toggleAttribute("aria-current", tab.dataset.mine === shown);
  }
}

// One chat

async function show(id, focus = true) {
  keepDraft();
  const nodes = await fragment(`/console/fragments/conversations/${id}`);
  if (!nodes) {
    if (shown === id) clear(word("gone"));
    return;
  }
  shown = id;
  unread.delete(id);
  panel.replaceChildren(...nodes);
  desk.dataset.view = "chat";
  markUnread();
  showTitle();
  if (log()) log().scrollTop = log().scrollHeight;
  if (box()) box().value = sessionStorage.getItem(draftKey(id)) ?? "";
  if (focus) (box() ?? panel.querySelector("h2"))?.focus();
}

function clear(text) {
  if (shown) sessionStorage.removeItem(draftKey(shown));
  shown = null;
  panel.replaceChildren(...idle.map((node) => node.cloneNode(true)));
  desk.dataset.view = "queue";
  if (text) tell(text);
  showQueue();
}

const lastShown = () => Number(panel.querySelector(".log li:last-of-type")?.dataset.n ?? 0);
let logTurn = Promise.resolve();
const addNew = (id) => (logTurn = logTurn.then(() => loadNew(id)));

/** Only what came after the last line shown: scroll position, focus and draft stay as they are. */
async function loadNew(id) {
  if (id !== shown || !log()) return;
  const nodes = await fragment(`/console/fragments/conversations/${id}/log?after=${lastShown()}`);
  if (id !== shown) return;
  if (!nodes) return show(id, false);
  const after = lastShown();
  const lines = nodes.filter((node) => node.dataset && Number(node.dataset.n) > after);
  if (!lines.length) return;
  const atEnd = log().scrollHeight - log().scrollTop - log().clientHeight < 80;
  log().querySelector("ol").append(...lines);
  stopTyping();
  if (atEnd) log().scrollTop = log().scrollHeight;
  else panel.querySelector("[data-newer]").hidden = false;
  const moved = lines.some((line) => line.dataset.state);
  if (moved) await refreshPart(id);
  else refreshSideSoon();
}

/** The chat changed hands or state: take over the new tools but keep what is being written. */
async function refreshPart(id) {
  const { id: had } = panel.contains(document.activeElement) ? document.activeElement : {};
  await show(id, false);
  if (had) document.getElementById(had)?.focus();
}

let sideWanted = null;
/** The card and the notes, at most every other second however fast the lines come. */
function refreshSideSoon() {
  sideWanted ??= setTimeout(() => { sideWanted = null; refreshSide(shown); }, 2000);
}

async function refreshSide(id) {
  const side = panel.querySelector(".side");
  if (!side || inUse(side)) return;
  const nodes = await fragment(`/console/fragments/conversations/${id}/side`);
  if (nodes && id === shown && !inUse(side)) side.replaceChildren(...nodes); // somebody may have gone there meanwhile
}

const inUse = (side) => side.contains(document.activeElement) || [...side.querySelectorAll("textarea, input")].some((field) => field.value);

let typingTimer;
function typing(id) {
  const line = id === shown && panel.querySelector(".typing");
  if (!line) return;
  line.textContent = word("typing", { guest: chat().dataset.name });
  clearTimeout(typingTimer);
  typingTimer = setTimeout(stopTyping, 4000);
}
function stopTyping() {
  const line = panel.querySelector(".typing");
  if (line) line.textContent = "";
}

function seen(id, n) {
  if (id === shown) for (const tick of panel.querySelectorAll("[data-tick]")) if (Number(tick.dataset.tick) <= n) tick.textContent = word("seen");
}

// What the host does

async function claim(id, way = "claim", acceptHeavy = false) {
  let heavy = false;
  const claimed = await post(`/conversations/${id}/${way}`, { accept_heavy: acceptHeavy }, (code) => (heavy = code === "third_heavy"));
  if (heavy && (await asked("heavy", { "heavy-text": word("heavy") }))) return claim(id, way, true);
  await showQueue();
  if (claimed) await show(id);
}

function asked(dialogId, texts) {
  const dialog = document.getElementById(dialogId);
  for (const [id, text] of Object.entries(texts)) document.getElementById(id).textContent = text;
  return new Promise((resolve) => {
    dialog.returnValue = "";
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    dialog.showModal();
  });
}

async function deed(button) {
  const { deed: path, ask, why, yes, stay } = button.dataset;
  if (ask && !(await asked("confirm", { "confirm-title": ask, "confirm-text": why, "confirm-yes": yes }))) return;
  const id = shown;
  button.disabled = true;
  const done = await post(`/conversations/${id}/${path}`);
  button.disabled = false;
  if (!done) return;
  if (!stay) return clear(word(path === "hand-back" ? "handed_back" : "closed"));
  await show(id, false);
}

const actions = {
  claim: (id) => claim(id),
  goIn: (id) => claim(id, "go-in"),
  seen: async (id) => { await post(`/conversations/${id}/alarm/seen`); await showQueue(); },
  show: (id) => show(id),
  back: () => { keepDraft(); desk.dataset.view = "queue"; queue.focus(); },
  accept: async (id) => (await post(`/conversations/${id}/transfer/accept`)) && (await showQueue(), await show(id)),
  decline: async (id) => (await post(`/conversations/${id}/transfer/decline`)) && clear(word("declined")),
  join: async (id) => (await post(`/conversations/${id}/join`)) && (await showQueue(), await show(id)),
  leave: async (id) => (await post(`/conversations/${id}/part`)) && clear(""),
  remove: async (host) => (await post(`/conversations/${shown}/part`, { host })) && (await show(shown, false)),
  ready: async () => (await post("/ready")) && showQueue(),
  newer: () => { log().scrollTop = log().scrollHeight; panel.querySelector("[data-newer]").hidden = true; },
  reply: (text, button) => insert(text, button),
  card: async (kind, button) => {
    button.closest("details").open = false;
    await post(`/conversations/${shown}/cards`, { client_id: newId(), kind, ids: button.dataset.id ? [button.dataset.id] : [] });
  },
};

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.deed) return deed(button);
  for (const [name, act] of Object.entries(actions)) {
    if (!(name in button.dataset)) continue;
    button.disabled = true;
    await act(button.dataset[name], button);
    button.disabled = false;
    return;
  }
});

/** A quick reply goes into the box, and the first blank is selected, ready to be filled in. */
function insert(text, button) {
  const field = box();
  field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
  const blank = field.value.indexOf("…");
  field.focus();
  if (blank >= 0) field.setSelectionRange(blank, blank + 1);
  button.closest("details").open = false;
  keepDraft();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "dialog" || form.action.endsWith("/logout")) return;
  event.preventDefault();
  if (form.matches("form.say")) say(form);
  else if (form.matches("form.note-form")) note(form);
  else if (form.matches("form.act-form")) writeDown(form);
  else if (form.matches("form.company-form")) company(form, event.submitter.value);
});

let sending = false;
async function say(form) {
  const field = form.elements.text;
  const text = field.value.trim();
  if (!text || sending) return;
  const id = shown;
  sending = true;
  form.dataset.clientId ||= newId();
  const body = { client_id: form.dataset.clientId, text };
  if (chat().dataset.part === "owner") body.fence = Number(chat().dataset.fence);
  const sent = await post(`/conversations/${id}/messages`, body);
  sending = false;
  if (!sent) return;
  delete form.dataset.clientId;
  sessionStorage.removeItem(draftKey(id));
  if (shown === id && field.value.trim() === text) field.value = "";
  await addNew(id);
}

async function note(form) {
  const text = form.elements.text.value.trim();
  if (text && (await post(`/conversations/${shown}/notes`, { text }))) {
    form.reset();
    document.activeElement?.blur();
    await refreshSide(shown);
    tell(word("saved"));
  }
}

async function writeDown(form) {
  const body = { act: form.elements.act.value, with_host: form.elements.with_host?.value || null };
  if (!(await post(`/conversations/${form.dataset.act}/alarm/acts`, body))) return;
  form.reset();
  document.activeElement?.blur();
  tell(word("saved"));
  await showQueue();
  if (form.dataset.act === shown) await refreshSide(shown);
}

async function company(form, kind) {
  const host = form.elements.host.value || null;
  const why = form.elements.note.value.trim() || null;
  const done = kind === "transfer"
    ? await post(`/conversations/${shown}/transfer`, { to_host: host, note: why })
    : host && (await post(`/conversations/${shown}/invite`, { host, writes: kind === "cohost" }));
  if (!done) return;
  tell(word("offered"));
  await show(shown, false);
}

let lastTyping = 0;
document.addEventListener("input", (event) => {
  if (!event.target.matches("form.say textarea")) return;
  keepDraft();
  if (Date.now() - lastTyping < 2000 || socket?.readyState !== WebSocket.OPEN) return;
  lastTyping = Date.now();
  socket.send(JSON.stringify({ typing: shown }));
});

// Keyboard

const keys = {
  KeyQ: () => { desk.dataset.view = "queue"; queue.focus(); },
  KeyN: () => queue.querySelector("[data-claim]")?.click(),
  KeyW: () => box()?.focus(),
  KeyH: () => openReplies(),
  KeyK: () => document.getElementById("card")?.focus(),
};

function openReplies() {
  const menu = panel.querySelector("[data-replies]");
  if (!menu) return;
  menu.open = true;
  menu.querySelector(".pick")?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.target.matches("form.say textarea")) {
    event.preventDefault();
    return event.target.form.requestSubmit();
  }
  if (!event.altKey || event.ctrlKey || event.metaKey) return;
  const number = /^Digit([1-4])$/.exec(event.code)?.[1];
  const act = number ? () => queue.querySelectorAll("[data-mine]")[number - 1]?.click() : keys[event.code];
  if (!act) return;
  event.preventDefault();
  act();
});

// The socket: signals only

let wait = 500;
function connect() {
  socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/console/feed`);
  socket.onopen = () => {
    if (wait > 500) tell(word("connected"));
    wait = 500;
    showQueue();
    if (shown) addNew(shown);
  };
  socket.onmessage = ({ data }) => receive(JSON.parse(data));
  socket.onclose = () => {
    tell(word("reconnecting"), true);
    setTimeout(connect, wait + Math.random() * 500);
    wait = Math.min(wait * 2, 8000);
  };
}

function receive({ signal, id, detail }) {
  if (signal === "queue") showQueue();
  else if (signal === "events") return id === shown ? addNew(id).then(() => ringFor(id)) : missed(id);
  else if (signal === "followed") addNew(id);
  else if (signal === "typing" && detail === "visitor") typing(id);
  else if (signal === "seen") seen(id, Number(detail.split(":")[1]));
  else if (signal === "notes" && id === shown) refreshSide(id);
}

function missed(id) {
  unread.add(id);
  markUnread();
  showTitle();
  sound.ring();
  tell(word("your_turn", { guest: nameOf(id) }));
}

function ringFor() {
  const last = panel.querySelector(".log li:last-of-type");
  if (last?.classList.contains("visitor")) sound.ring();
}

const toggle = document.getElementById("sound");
toggle.checked = sound.isOn();
toggle.addEventListener("change", () => sound.turn(toggle.checked));
setInterval(showQueue, 20000);
connect();
