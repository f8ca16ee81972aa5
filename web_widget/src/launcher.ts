/**
 * The one script on a municipality's page: a button, the frame behind it, and the crisis card that needs neither.
 * Must stay small and must never throw into the host page. One script is one launcher, so its state is the module's.
 */
import { chatWords, letter, readLetter } from "./bridge";
import type { FromPage } from "./bridge";
import { onTripleEscape } from "./escape";
import { staticCrisis } from "./facts";
import css from "./styles/launcher.css?inline";
import { launcher as text } from "./text/da";
import { crisisCard } from "./views/cards/crisis";
import { h, icon } from "./views/dom";
import { close, door } from "./views/icons";

const READY_MS = 3000;
const LEAVE_MS = 400;
const NEUTRAL_PAGE = "https://www.dmi.dk/";

const script = document.currentScript as HTMLScriptElement;
const { municipality = "", channel = "municipality", exitUrl = "" } = script.dataset;
const { origin } = new URL(script.src);

let frame: HTMLIFrameElement | null = null;
let ready = false;
/** The guest is at the crisis card: it may not be taken away under a finger. */
let reading = false;
let timer: ReturnType<typeof setTimeout> | undefined;

const press = (name: string, click: () => void, ...inside: (string | Node)[]): HTMLButtonElement =>
  h("button", { class: name, click }, ...inside);

const host = h("div", { lang: "da" });
const dot = h("span", { class: "dot", hidden: true }, h("span", { class: "sr" }, text.unread));
const label = h("span", {}, text.open);
const opener = press("opener", toggle, icon(door), label, dot);
const stand = h("div", { class: "stand" });
const panel = h("div", { class: "panel", role: "dialog", "aria-label": text.panel, hidden: true }, stand);

function toggle(): void {
  if (panel.hidden) open();
  else hide();
}

function open(): void {
  show(true);
  if (ready) return reveal();
  if (!frame) load();
  clearTimeout(timer);
  timer = setTimeout(failed, READY_MS);
  reading = false;
  standIn(text.panel, h("p", { role: "status" }, text.opening));
}

/** The card alone, without asking anybody: it is in this script. */
function help(): void {
  show(true);
  clearTimeout(timer);
  reading = true;
  standIn(text.help, crisisCard(staticCrisis()), press("primary", open, text.open));
}

function hide(): void {
  show(false);
  say("hidden");
  opener.focus();
}

function show(open: boolean): void {
  panel.hidden = !open;
  host.dataset.open = opener.ariaExpanded = String(open);
  label.textContent = open ? text.close : text.open;
  if (open) dot.hidden = true;
}

function load(): void {
  const src = `${origin}/chat?m=${municipality}&c=${channel}&o=${location.origin}`;
  frame = h("iframe", { src, title: text.panel, referrerpolicy: "no-referrer", hidden: true });
  panel.append(frame);
}

function failed(): void {
  if (ready || panel.hidden) return;
  standIn(text.help, h("p", { role: "alert" }, text.failed), crisisCard(staticCrisis()), press("primary", retry, text.retry));
}

function retry(): void {
  if (!ready) { frame?.remove(); frame = null; }
  open();
}

/** What stands in the panel when the frame cannot. */
function standIn(title: string, ...inside: HTMLElement[]): void {
  const heading = h("h2", { tabindex: "-1" }, title);
  const shut = press("round", hide, icon(close));
  shut.ariaLabel = text.back;
  if (frame) frame.hidden = true;
  stand.hidden = false;
  stand.replaceChildren(h("div", { class: "top" }, heading, press("exit", leave, text.exit), shut), ...inside);
  heading.focus();
}

function reveal(): void {
  stand.hidden = true;
  frame!.hidden = false;
  frame!.focus();
  say("shown");
}

function hear({ source, origin: from, data }: MessageEvent): void {
  if (!frame || source !== frame.contentWindow || from !== origin) return;
  const word = readLetter(data, chatWords);
  if (word === "ready") arrived();
  if (word === "minimise") hide();
  if (word === "exit") gone();
  if (word === "attention" && panel.hidden) dot.hidden = false;
  if (word === "calm") dot.hidden = true;
}

/** The frame lives. It takes the panel unless the guest reads the crisis card, asked for or already touched. */
function arrived(): void {
  clearTimeout(timer);
  ready = true;
  if (!panel.hidden && !reading) reveal();
}

function say(word: FromPage): void {
  frame?.contentWindow?.postMessage(letter(word), origin);
}

/** The frame wipes what only it can reach; a frame that does not answer is not waited for. */
function leave(): void {
  if (!ready) return gone();
  panel.hidden = true;
  say("leave");
  setTimeout(gone, LEAVE_MS);
}

function gone(): void {
  if (!host.isConnected) return;
  host.remove();
  location.replace(/^https?:/.test(exitUrl) ? exitUrl : NEUTRAL_PAGE);
}

function mount(): void {
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  root.append(panel, h("div", { class: "buttons" }, press("helper", help, text.help), opener));
  show(false);
  document.body.append(host);
  // The page's own numbers stand in for a launcher that never came.
  document.querySelectorAll("[data-indgang-numbers]").forEach((numbers) => numbers.remove());
  addEventListener("message", hear);
  for (const kind of ["pointerdown", "wheel", "keydown"]) stand.addEventListener(kind, () => { reading = true; }, { passive: true });
  onTripleEscape(window, leave);
}

if (document.body) mount();
else addEventListener("DOMContentLoaded", mount);
