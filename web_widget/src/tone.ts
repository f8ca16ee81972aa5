/** Two soft notes when a host is ready. Sound may only begin after the guest has touched the page. */
let audio: AudioContext | null = null;

export function allowTone(): void {
  try { audio ??= new AudioContext(); } catch { audio = null; }
}

export function softTone(): void {
  if (!audio) return;
  void audio.resume();
  [523.25, 659.25].forEach((pitch, index) => note(audio!, pitch, audio!.currentTime + index * 0.22));
}

function note(context: AudioContext, pitch: number, at: number): void {
  const tone = context.createOscillator();
  const volume = context.createGain();
  tone.type = "sine";
  tone.frequency.value = pitch;
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(0.07, at + 0.05);
  volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.7);
  tone.connect(volume).connect(context.destination);
  tone.start(at);
  tone.stop(at + 0.75);
}
