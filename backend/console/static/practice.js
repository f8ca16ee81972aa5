// A made-up guest answers in the order of the script. Nothing leaves the page.
import { tell, word } from "./frame.js";

const log = document.getElementById("practice-log");
const form = document.getElementById("practice-say");
const typing = document.getElementById("practice-typing");
let lines = [];
let guest = null;

function add(who, text) {
  const line = document.createElement("li");
  line.className = `said ${who}`;
  const body = document.createElement("p");
  body.className = "text";
  body.textContent = text;
  line.append(body);
  log.append(line);
  line.scrollIntoView({ block: "nearest" });
}

function answer() {
  const next = lines.shift();
  if (next === undefined) {
    document.querySelector(`[data-after="${guest}"]`).hidden = false;
    return tell(word("practice_end"));
  }
  typing.textContent = word("typing", { guest: "" });
  setTimeout(() => { typing.textContent = ""; add("visitor", next); }, 1200);
}

document.addEventListener("click", (event) => {
  guest = event.target.closest("[data-practice]")?.dataset.practice ?? guest;
  if (!event.target.closest("[data-practice]")) return;
  lines = [...document.querySelector(`template[data-guest="${guest}"]`).content.children].map((line) => line.textContent);
  log.replaceChildren();
  for (const after of document.querySelectorAll("[data-after]")) after.hidden = true;
  for (const field of form.elements) field.disabled = false;
  answer();
  form.elements[0].focus();
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const field = form.elements[0];
  if (!field.value.trim()) return;
  add("host", field.value.trim());
  field.value = "";
  answer();
});

form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});
