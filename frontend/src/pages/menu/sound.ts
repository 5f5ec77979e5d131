/** Sounds for messages: whatever the browser can play, or hears through the microphone, as a wave file. */

const RATE = 16_000;

/** The sound as a wave file of one channel; what the browser cannot read goes as it is, for the server to refuse. */
export async function asWave(given: Blob): Promise<Blob> {
  try {
    const context = new OfflineAudioContext(1, 1, RATE);
    return wave(mixed(await context.decodeAudioData(await given.arrayBuffer())));
  } catch {
    return given;
  }
}

function mixed(buffer: AudioBuffer): Float32Array {
  const made = new Float32Array(buffer.length);
  for (let channel = 0; channel < buffer.numberOfChannels; channel += 1)
    buffer.getChannelData(channel).forEach((value, index) => {
      made[index] = made[index]! + value / buffer.numberOfChannels;
    });
  return made;
}

function wave(samples: Float32Array): Blob {
  const view = new DataView(new ArrayBuffer(44 + samples.length * 2));
  const word = (at: number, text: string): void => [...text].forEach((letter, index) => view.setUint8(at + index, letter.charCodeAt(0)));
  word(0, "RIFF");
  view.setUint32(4, 36 + samples.length * 2, true);
  word(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, RATE, true);
  view.setUint32(28, RATE * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  word(36, "data");
  view.setUint32(40, samples.length * 2, true);
  samples.forEach((value, index) => view.setInt16(44 + index * 2, Math.max(-1, Math.min(1, value)) * 32767, true));
  return new Blob([view.buffer], { type: "audio/wav" });
}

/** A recording under way. */
export interface Recording {
  end(): Promise<Blob>;
}

/** Begin to record; throws where the microphone cannot be used. */
export async function record(): Promise<Recording> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const recorder = new MediaRecorder(stream);
  const parts: Blob[] = [];
  recorder.addEventListener("dataavailable", (event) => parts.push(event.data));
  recorder.start();
  return {
    end: () =>
      new Promise((done) => {
        recorder.addEventListener("stop", () => {
          for (const track of stream.getTracks()) track.stop();
          done(new Blob(parts, { type: recorder.mimeType }));
        });
        recorder.stop();
      }),
  };
}
