// A soft sound that comes back every few seconds until the tab is really looked at.
const AGAIN_AFTER = 6000;
let audio;
let wanted = sessionStorage.getItem("sound") !== "off";
let alarm = null;

export const isOn = () => wanted;

export function turn(on) {
  wanted = on;
  sessionStorage.setItem("sound", on ? "on" : "off");
  if (!on) quiet();
}

function tone() {
  if (!wanted) return;
  audio ??= new AudioContext();
  const source = audio.createOscillator();
  const volume = audio.createGain();
  source.frequency.value = 587;
  volume.gain.setValueAtTime(0.1, audio.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.7);
  source.connect(volume).connect(audio.destination);
  source.start();
  source.stop(audio.currentTime + 0.7);
}

const looking = () => document.visibilityState === "visible" && document.hasFocus();

function quiet() {
  clearInterval(alarm);
  alarm = null;
  document.documentElement.removeAttribute("data-ringing");
}

/** Ring now, and again until somebody looks. */
export function ring() {
  tone();
  if (looking() || alarm) return;
  document.documentElement.dataset.ringing = "yes";
  alarm = setInterval(tone, AGAIN_AFTER);
}

for (const kind of ["focus", "pointerdown", "keydown"]) window.addEventListener(kind, () => looking() && quiet());
document.addEventListener("visibilitychange", () => looking() && quiet());
