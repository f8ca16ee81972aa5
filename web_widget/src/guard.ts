/** The anonymity guard: a script of its own, so that the chat stays small. Asks nobody but the guest; no network. */
import { covered, kinds, personal } from "./core/personal";
import type { Finding } from "./core/personal";
import data from "./guard.json";
import type { Draft, Guard } from "./guarding";
import { h } from "./views/dom";

const { text, meaning } = data;
/** What the guest has been asked about and decided on; lives as long as the page. */
const decided = new Set<string>();

const guard: Guard = {
  asks(draft) {
    const findings = personal(draft.text).filter((found) => isNews(found, draft));
    if (findings.length) ask(draft, findings);
    return findings.length > 0;
  },
  forget: () => decided.clear(),
};

const piece = ({ start, end }: Finding, words: string): string => words.slice(start, end);

/** A number the bot has just asked for is not asked about, nor the same words twice; a CPR number always is. */
function isNews(found: Finding, { text: words, expectsContact }: Draft): boolean {
  if (found.kind === "cpr") return true;
  if (expectsContact && (found.kind === "phone" || found.kind === "email")) return false;
  return !decided.has(piece(found, words));
}

function ask(draft: Draft, findings: Finding[]): void {
  const edit = way(text.edit, "button", "edit");
  const title = h("h2", { id: "guard-title", tabindex: "-1" }, text.title);
  const dialog = h("dialog", { class: "sheet guard", "aria-labelledby": "guard-title", "aria-describedby": "guard-text" },
    title,
    h("div", { id: "guard-text" },
      h("p", {}, text.lead),
      h("ul", {}, ...kinds.flatMap((kind) => line(kind, findings, draft.text))),
      h("p", {}, meaning[draft.channel]),
      findings.some(({ kind }) => kind === "cpr") && h("p", {}, text.cpr)),
    h("div", { class: "sheet-ways" },
      edit, way(text.cover, "button quiet", "cover"), way(text.send, "button quiet", "send")));
  dialog.addEventListener("close", () => { dialog.remove(); decide(dialog.returnValue, draft, findings); });
  document.body.append(dialog);
  dialog.showModal();
  dialog.scrollTop = 0;
  // On a small screen the ways may be far down: then one begins where one reads.
  (edit.getBoundingClientRect().bottom > dialog.getBoundingClientRect().bottom ? title : edit).focus();

  function way(title: string, style: string, answer: string): HTMLElement {
    return h("button", { type: "button", class: style, click: () => dialog.close(answer) }, title);
  }
}

function line(kind: Finding["kind"], findings: Finding[], words: string): HTMLElement[] {
  const found = findings.filter((one) => one.kind === kind).map((one) => `»${piece(one, words)}«`);
  return found.length ? [h("li", {}, `${text.kinds[kind]}: ${found.join(", ")}`)] : [];
}

/** Escape, like *edit*, keeps the words where they are. */
function decide(answer: string, draft: Draft, findings: Finding[]): void {
  if (answer === "cover") return draft.send(covered(draft.text, findings));
  for (const found of findings) decided.add(piece(found, draft.text));
  if (answer === "send") draft.send(draft.text);
  else draft.edit();
}

window.guard = guard;
