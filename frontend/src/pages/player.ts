/** Both legs of a talk on one time line: the client in the left ear, the operator in the right, one wave above the other. */

interface Piece {
  url: string;
  leg: string;
  title: string;
  started_at: string;
}

interface Words {
  play: string;
  pause: string;
  loading: string;
  failed: string;
  position: string;
  speed: string;
}

interface Track {
  piece: Piece;
  buffer: AudioBuffer;
  at: number; // seconds from the beginning of the talk
}

const SPEEDS = [1, 1.25, 1.5, 2];

class Player {
  private readonly context = new AudioContext();
  private readonly tracks: Track[];
  private readonly began: number;
  private readonly length: number;
  private sources: AudioBufferSourceNode[] = [];
  private playing = false;
  private position = 0;
  private startedAt = 0;
  private speed = 1;
  private readonly words: Words;
  private readonly canvas: HTMLCanvasElement;
  private readonly toggle: HTMLButtonElement;
  private readonly slider: HTMLInputElement;
  private readonly clock: HTMLElement;

  constructor(root: HTMLElement, words: Words, tracks: Track[], began: number) {
    this.words = words;
    this.tracks = tracks;
    this.began = began;
    this.length = Math.max(...tracks.map((track) => track.at + track.buffer.duration), 0.1);
    root.innerHTML = "";
    this.canvas = root.appendChild(document.createElement("canvas"));
    this.canvas.setAttribute("aria-hidden", "true");
    const line = root.appendChild(document.createElement("div"));
    line.className = "player-line";
    this.toggle = line.appendChild(document.createElement("button"));
    this.toggle.type = "button";
    this.toggle.className = "btn btn-primary";
    this.slider = line.appendChild(document.createElement("input"));
    Object.assign(this.slider, { type: "range", min: "0", max: String(this.length), step: "0.1", value: "0", className: "form-range" });
    this.slider.style.flex = "1 1 12rem";
    this.slider.setAttribute("aria-label", words.position);
    this.clock = line.appendChild(document.createElement("span"));
    line.appendChild(this.speeds());
    this.toggle.addEventListener("click", () => (this.playing ? this.pause() : this.play()));
    this.slider.addEventListener("input", () => this.seek(Number(this.slider.value)));
    this.canvas.addEventListener("click", (event) => this.seek((event.offsetX / this.canvas.clientWidth) * this.length));
    this.bindFacts();
    new ResizeObserver(() => this.draw()).observe(this.canvas);
    this.show();
  }

  private speeds(): HTMLElement {
    const select = document.createElement("select");
    select.className = "form-select w-auto";
    select.setAttribute("aria-label", this.words.speed);
    for (const speed of SPEEDS) select.add(new Option(`${speed}×`, String(speed)));
    select.addEventListener("change", () => {
      this.speed = Number(select.value);
      if (this.playing) this.seek(this.now());
    });
    return select;
  }

  /** A fact on the page's time line takes the player to its moment. */
  private bindFacts(): void {
    for (const button of document.querySelectorAll<HTMLElement>("[data-seek]"))
      button.addEventListener("click", () => {
        this.seek(Math.max(0, Date.parse(button.dataset["seek"]!) / 1000 - this.began - 1));
        if (!this.playing) this.play();
      });
  }

  private now(): number {
    return this.playing ? Math.min(this.length, this.position + (this.context.currentTime - this.startedAt) * this.speed) : this.position;
  }

  private play(): void {
    void this.context.resume();
    if (this.position >= this.length - 0.05) this.position = 0;
    this.startedAt = this.context.currentTime;
    this.playing = true;
    this.sources = this.tracks.flatMap((track) => this.source(track));
    this.show();
    this.beat();
  }

  private source(track: Track): AudioBufferSourceNode[] {
    const offset = this.position - track.at;
    if (offset >= track.buffer.duration) return [];
    const source = this.context.createBufferSource();
    source.buffer = track.buffer;
    source.playbackRate.value = this.speed;
    const side = this.context.createStereoPanner();
    side.pan.value = this.tracks.length === 1 ? 0 : track.piece.leg === "client" ? -0.85 : 0.85;
    source.connect(side).connect(this.context.destination);
    source.start(this.startedAt + Math.max(0, -offset) / this.speed, Math.max(0, offset));
    return [source];
  }

  private pause(): void {
    this.position = this.now();
    this.stop();
    this.show();
  }

  private stop(): void {
    this.playing = false;
    for (const source of this.sources) source.stop();
    this.sources = [];
  }

  private seek(to: number): void {
    const was = this.playing;
    this.stop();
    this.position = Math.min(Math.max(0, to), this.length);
    if (was) this.play();
    else this.show();
  }

  private beat(): void {
    if (!this.playing) return;
    if (this.now() >= this.length) {
      this.position = this.length;
      this.stop();
    }
    this.show();
    requestAnimationFrame(() => this.beat());
  }

  private show(): void {
    const at = this.now();
    this.toggle.textContent = this.playing ? this.words.pause : this.words.play;
    this.slider.value = String(at);
    this.slider.setAttribute("aria-valuetext", stamp(at));
    this.clock.textContent = `${stamp(at)} / ${stamp(this.length)}`;
    const moment = (this.began + at) * 1000;
    let last: HTMLElement | null = null;
    for (const fact of document.querySelectorAll<HTMLElement>("[data-at]")) {
      fact.classList.remove("now");
      if (Date.parse(fact.dataset["at"]!) <= moment) last = fact;
    }
    if (this.playing) last?.classList.add("now");
    this.draw();
  }

  private draw(): void {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!width) return;
    const scale = window.devicePixelRatio || 1;
    this.canvas.width = width * scale;
    this.canvas.height = height * scale;
    const pen = this.canvas.getContext("2d")!;
    pen.scale(scale, scale);
    const rows = [...new Set(this.tracks.map((track) => track.piece.leg))];
    const band = height / Math.max(1, rows.length);
    for (const track of this.tracks) this.wave(pen, track, rows.indexOf(track.piece.leg) * band, band, width);
    const x = (this.now() / this.length) * width;
    pen.fillStyle = "#b3261e";
    pen.fillRect(x - 1, 0, 2, height);
  }

  private wave(pen: CanvasRenderingContext2D, track: Track, top: number, band: number, width: number): void {
    const samples = track.buffer.getChannelData(0);
    const from = Math.floor((track.at / this.length) * width);
    const wide = Math.max(1, Math.floor((track.buffer.duration / this.length) * width));
    const step = samples.length / wide;
    pen.fillStyle = track.piece.leg === "client" ? "#0b5394" : "#1b6e3c";
    for (let x = 0; x < wide; x += 1) {
      let peak = 0;
      const end = Math.min(samples.length, Math.floor((x + 1) * step));
      for (let i = Math.floor(x * step); i < end; i += Math.max(1, Math.floor(step / 60))) peak = Math.max(peak, Math.abs(samples[i] ?? 0));
      const tall = Math.max(1, peak * band * 0.95);
      pen.fillRect(from + x, top + (band - tall) / 2, 1, tall);
    }
    pen.font = "11px sans-serif";
    pen.fillStyle = "#37445a";
    pen.fillText(track.piece.title, 4, top + 12);
  }
}

function stamp(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}

export async function player(root: HTMLElement): Promise<void> {
  const data = JSON.parse(document.getElementById(root.dataset["player"]!)?.textContent ?? "{}") as { pieces: Piece[]; words: Words };
  const { pieces, words } = data;
  if (!pieces?.length) return;
  const state = root.appendChild(document.createElement("p"));
  state.setAttribute("role", "status");
  state.textContent = words.loading;
  const began = Math.min(...pieces.map((piece) => Date.parse(piece.started_at))) / 1000;
  const context = new OfflineAudioContext(1, 1, 8000);
  try {
    const tracks = await Promise.all(
      pieces.map(async (piece): Promise<Track> => {
        const answer = await fetch(piece.url, { credentials: "same-origin" });
        if (!answer.ok) throw new Error(String(answer.status));
        const buffer = await context.decodeAudioData(await answer.arrayBuffer());
        return { piece, buffer, at: Date.parse(piece.started_at) / 1000 - began };
      }),
    );
    new Player(root, words, tracks, began);
  } catch {
    state.textContent = words.failed;
  }
}
