/** The short sound of a reminder: two soft notes. Browsers allow it after a first click or key. */

const NOTES = [
  { hertz: 659.25, atSeconds: 0 },
  { hertz: 987.77, atSeconds: 0.14 },
];
const NOTE_SECONDS = 0.9;
const LOUDNESS = 0.16;

export class Chime {
  #context: AudioContext | null = null;

  /** To be called while a click or key press is being handled. */
  unlock(): void {
    if (typeof AudioContext === 'undefined') return;
    this.#context ??= new AudioContext();
    if (this.#context.state === 'suspended') void this.#context.resume();
  }

  /** Silent where no click has unlocked it yet. */
  play(): void {
    const context = this.#context;
    if (context === null || context.state !== 'running') return;
    for (const { hertz, atSeconds } of NOTES) {
      const start = context.currentTime + atSeconds;
      const tone = new OscillatorNode(context, { type: 'sine', frequency: hertz });
      const volume = new GainNode(context, { gain: 0 });
      volume.gain.setValueAtTime(0, start);
      volume.gain.linearRampToValueAtTime(LOUDNESS, start + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, start + NOTE_SECONDS);
      tone.connect(volume).connect(context.destination);
      tone.start(start);
      tone.stop(start + NOTE_SECONDS);
    }
  }
}
