// A soft sound that comes back every few seconds until the tab is really looked at.
const AGAIN_AFTER = 6000;
let audio;
let wanted = sessionStorage.getItem("sound") !== "off";
let again = null;

export const isOn = () => wanted;

export function turn(on) {
  wanted = on;
  sessionStorage.setItem("sound", on ? "on" : "off");
  if (!on) quiet();
}

function tone(pitch = 587) {
  if (!wanted) return;
  audio ??= new AudioContext();
  const source = audio.createOscillator();
  const volume = audio.createGain();
  source.frequency.value = pitch;
  volume.gain.setValueAtTime(0.1, audio.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.7);
  source.connect(volume).connect(audio.destination);
  source.start();
  source.stop(audio.currentTime + 0.7);
}

const ALARM_EVERY = 4000;
let alarmed = null;

/** Two rising tones, again and again until `allClear`: somebody has to answer, not only look. */
export function alarm() {
  if (alarmed) return;
  const twice = () => { tone(660); setTimeout(tone, 250, 880); };
  document.documentElement.dataset.alarmed = "yes";
  alarmed = setInterval(twice, ALARM_EVERY);
  twice();
}

export function allClear() {
  clearInterval(alarmed);
  alarmed = null;
  document.documentElement.removeAttribute("data-alarmed");
}

const looking = () => document.visibilityState === "visible" && document.hasFocus();

function quiet() {
  clearInterval(again);
  again = null;
  document.documentElement.removeAttribute("data-ringing");
}

/** Ring now, and again until somebody looks. */
export function ring() {
  tone();
  if (looking() || again) return;
  document.documentElement.dataset.ringing = "yes";
  again = setInterval(tone, AGAIN_AFTER);
}

for (const kind of ["focus", "pointerdown", "keydown"]) window.addEventListener(kind, () => looking() && quiet());
document.addEventListener("visibilitychange", () => looking() && quiet());
