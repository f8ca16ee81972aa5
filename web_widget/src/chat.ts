/** The page inside the frame: puts core and views together. */
import { chatWords, letter, pageWords, readLetter } from "./bridge";
import type { FromChat } from "./bridge";
import { Api } from "./core/api";
import { Conversation } from "./core/conversation";
import type { SocketLike } from "./core/connection";
import { Store, expectsContact } from "./core/store";
import type { ChatState } from "./core/store";
import { onTripleEscape } from "./escape";
import { staticCrisis } from "./facts";
import "./guarding";
import { IdleWatch } from "./idle";
import { tabMemory } from "./memory";
import "./styles/chat.css";
import { banner, header, help as helpText, places, queue, regions } from "./text/da";
import { allowTone, softTone } from "./tone";
import { Banner } from "./views/banner";
import { Composer } from "./views/composer";
import type { Deeds } from "./views/deeds";
import { confirmErase, helpDialog } from "./views/dialogs";
import { h } from "./views/dom";
import { Header } from "./views/header";
import { Messages } from "./views/messages";
import { Queue } from "./views/queue";
import { Unsent } from "./views/unsent";

const NEUTRAL_PAGE = "https://www.dmi.dk/";
const query = new URLSearchParams(location.search);
const municipality = query.get("m") ?? "rodovre";
const channel = query.get("c") === "headspace" ? "headspace" : "municipality";
const framed = window.parent !== window;

const BASE = "/api/v1";
const store = new Store();
const api = new Api(BASE, (url, init) => fetch(url, init));
const conversation = new Conversation({
  api, store, memory: tabMemory(`${municipality} ${channel}`), place: { municipality, channel },
  socket: (key) => openSocket(key.id),
});

function openSocket(id: string): SocketLike {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const path = `${BASE}/conversations/${encodeURIComponent(id)}/feed?after=${store.state.last}`;
  return new WebSocket(`${scheme}://${location.host}${path}`) as unknown as SocketLike;
}

/** The page's origin: told by the browser where it can, else by the launcher. */
function pageOrigin(): string | null {
  const ancestors = (location as { ancestorOrigins?: DOMStringList }).ancestorOrigins;
  return ancestors?.[0] ?? query.get("o");
}

function tell(word: FromChat): void {
  const origin = pageOrigin();
  if (framed && origin && chatWords.includes(word)) window.parent.postMessage(letter(word), origin);
}

const deeds: Deeds = {
  say: (text, sent, edit) => {
    const send = (words: string): void => { sent(); conversation.say(words); };
    if (!window.guard?.asks({ text, channel, expectsContact: expectsContact(store.state), send, edit })) send(text);
  },
  choose: (choice) => { conversation.choose(choice); views.messages.focusLog(); },
  retry: (item) => conversation.retry(item),
  typing: () => { if (store.state.mode === "with_host") conversation.typing(); },
  human: () => void human(),
  help: () => void helpDialog(staticCrisis(), null),
  leave,
  erase: () => void erase(),
  minimise: () => tell("minimise"),
  restart: () => { conversation.restart(); views.composer.focusArea(); },
  nudge: () => conversation.nudge(),
};

customElements.define("chat-header", Header);
customElements.define("chat-banner", Banner);
customElements.define("chat-messages", Messages);
customElements.define("chat-unsent", Unsent);
customElements.define("chat-queue", Queue);
customElements.define("chat-composer", Composer);

const views = build();
const idle = new IdleWatch({
  ask: () => { idleNote.hidden = false; },
  relax: () => { idleNote.hidden = true; },
  clear: () => { idleNote.hidden = true; rest(); },
});
const idleNote = h("div", { class: "banner", role: "alert", hidden: true },
  h("p", {}, banner.idle), h("button", { type: "button", class: "small", click: () => idle.alive() }, banner.here));

function build() {
  const parts = {
    header: new Header(), banner: new Banner(), messages: new Messages(), queue: new Queue(), composer: new Composer(),
  };
  parts.header.name = channel === "headspace" ? header.headspace : header.title;
  parts.header.place = places[municipality] ?? "";
  parts.header.framed = framed;
  parts.messages.unsent = new Unsent();
  parts.messages.unsent.staticCrisis = staticCrisis;
  for (const view of [parts.header, parts.banner, parts.messages, parts.composer]) view.deeds = deeds;
  return parts;
}

function show(state: ChatState, before: ChatState | null): void {
  for (const view of Object.values(views)) view.update(state);
  if (before && before.mode !== state.mode) modeChanged(state, before);
  if (before && state.last > before.last) arrived(state);
}

function modeChanged(state: ChatState, before: ChatState): void {
  if (state.mode !== "with_host" || before.phase !== "open") return;
  softTone();
  document.title = queue.titleReady;
  tell("attention");
}

function arrived(state: ChatState): void {
  if (state.mode === "waiting" || state.mode === "with_host") idle.alive();
  if (document.visibilityState === "visible" && !hidden) conversation.seen(state.last);
  const newest = state.events[state.events.length - 1];
  if (hidden && newest?.author !== "visitor") tell("attention");
}

/** A wish for a human never meets a dead end: what the chat cannot give, a phone can. */
async function human(): Promise<void> {
  const { phase, mode, trouble } = store.state;
  if (mode === "waiting" && phase === "open") return views.messages.focusLog();
  if (mode === "with_host" && phase === "open") return views.composer.focusArea();
  if (phase !== "open" && phase !== "starting" || mode === "closed") conversation.restart();
  const stuck = phase === "starting" && trouble !== null;
  if (!stuck && (await conversation.askForHuman())) views.messages.toEnd();
  else helpDialog(staticCrisis(), helpText.humanLead);
}

async function erase(): Promise<void> {
  if (await confirmErase()) await conversation.erase();
}

/** Wipe first, then leave, then tell: nothing here may wait for a network. */
function leave(): void {
  const key = conversation.forget();
  idle.stop();
  views.composer.clear();
  document.body.replaceChildren();
  document.title = "";
  if (framed) {
    tell("exit");
    setTimeout(() => { if (window.top) window.top.location.replace(NEUTRAL_PAGE); }, 250);
  } else location.replace(NEUTRAL_PAGE);
  if (key) api.farewell(key);
}

function rest(): void {
  conversation.forget();
  window.guard?.forget();
  views.composer.clear();
  store.dispatch({ type: "reset" });
  store.dispatch({ type: "phase", phase: "resting" });
}

let hidden = false;

function listen(): void {
  window.addEventListener("message", (event) => {
    if (event.source !== window.parent || event.origin !== pageOrigin()) return;
    const word = readLetter(event.data, pageWords);
    if (word === "leave") leave();
    if (word === "hidden") hidden = true;
    if (word === "shown") { hidden = false; calm(); land(); }
  });
  for (const kind of ["pointerdown", "keydown"]) window.addEventListener(kind, () => { allowTone(); idle.alive(); calm(); });
  window.addEventListener("online", () => conversation.nudge());
  document.addEventListener("visibilitychange", () => { if (!document.hidden) { conversation.nudge(); calm(); } });
  onTripleEscape(window, leave);
}

function calm(): void {
  if (document.title !== queue.titleReady) return;
  document.title = queue.title;
  tell("calm");
}

/** With a keyboard one may write at once; on a phone the keyboard would cover the greeting. */
function land(): void {
  if (matchMedia("(pointer: fine)").matches) views.composer.focusArea();
  else views.header.focusTitle();
}

function start(): void {
  document.body.append(
    h("header", { "aria-label": regions.header }, views.header),
    h("main", { "aria-label": regions.main }, views.banner, idleNote, views.messages, views.queue, views.composer));
  store.subscribe(show);
  show(store.state, null);
  listen();
  idle.alive();
  tell("ready");
  if (!framed) land();
  void conversation.begin();
}

start();
