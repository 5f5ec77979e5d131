/** The microphone's and the caller's level, the ring and the test tone. */

let context: AudioContext | null = null;

function audio(): AudioContext {
  context ??= new AudioContext();
  if (context.state === "suspended") void context.resume();
  return context;
}

/** Measures how loud a stream is: 0 silence, 1 full scale. */
export class Meter {
  private readonly analyser: AnalyserNode;
  private readonly source: MediaStreamAudioSourceNode;
  private readonly samples: Float32Array<ArrayBuffer>;

  constructor(stream: MediaStream) {
    this.analyser = audio().createAnalyser();
    this.analyser.fftSize = 1024;
    this.samples = new Float32Array(this.analyser.fftSize);
    this.source = audio().createMediaStreamSource(stream);
    this.source.connect(this.analyser);
  }

  /** Root mean square on a scale of decibels: -60 dB and below is 0, -6 dB and above is 1. */
  level(): number {
    this.analyser.getFloatTimeDomainData(this.samples);
    let sum = 0;
    for (const sample of this.samples) sum += sample * sample;
    const db = 20 * Math.log10(Math.sqrt(sum / this.samples.length) + 1e-9);
    return Math.min(1, Math.max(0, (db + 60) / 54));
  }

  stop(): void {
    this.source.disconnect();
  }
}

/** A tone of `hz` for `seconds`, soft at both ends. */
export function beep(hz: number, seconds: number, gain = 0.15): void {
  const at = audio().currentTime;
  const oscillator = audio().createOscillator();
  const volume = audio().createGain();
  oscillator.frequency.value = hz;
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(gain, at + 0.03);
  volume.gain.setValueAtTime(gain, at + seconds - 0.05);
  volume.gain.linearRampToValueAtTime(0, at + seconds);
  oscillator.connect(volume).connect(audio().destination);
  oscillator.start(at);
  oscillator.stop(at + seconds);
}

/** Reminds once: three short low tones, unlike the ring. */
export function remind(): void {
  for (const after of [0, 220, 440]) window.setTimeout(() => beep(330, 0.15), after);
}

/** Rings until stopped: two short tones every two and a half seconds. */
export class Ring {
  private timer = 0;

  start(): void {
    if (this.timer) return;
    const once = (): void => {
      beep(520, 0.35);
      window.setTimeout(() => beep(660, 0.35), 380);
    };
    once();
    this.timer = window.setInterval(once, 2500);
  }

  stop(): void {
    window.clearInterval(this.timer);
    this.timer = 0;
  }
}
