/** Both legs of a talk on one time line: the client in the left ear, the operator in the right, one wave above the other.
 * Above them what happened: steps of the guide, facts, remarks; gaps in which nothing was recorded are hatched. */

interface Piece {
  id: number;
  leg: string;
  title: string;
  started_at: string;
  duration_s: number;
}

interface Mark {
  at: string;
  title: string;
  kind: "step" | "fact" | "remark";
}

interface Gap {
  from: string;
  to: string;
  title: string;
}

interface Words {
  play: string;
  pause: string;
  loading: string;
  failed: string;
  missing: string;
  position: string;
  speed: string;
  player: string;
  keys: string;
}

interface Said {
  pieces: Piece[];
  links: string; // where the sound of the pieces is to be fetched, for one listening
  marks: Mark[];
  gaps: Gap[];
  words: Words;
}

interface Track {
  piece: Piece;
  buffer: AudioBuffer | null; // not fetched before it is played, for whoever fetches it has heard it
  at: number; // seconds from the beginning of the talk
}

const SPEEDS = [0.75, 1, 1.25, 1.5, 2];
const SKIP_S = 5;
const LANE = 14; // px above the waves, for the marks
const COLOURS = { step: "#5b3a9e", fact: "#5a6878", remark: "#b35900" };

class Player {
  private readonly context = new AudioContext();
  private readonly tracks: Track[];
  private readonly began: number;
  private length: number;
  private loading = false;
  private readonly data: Said;
  private marks: { at: number; title: string; kind: Mark["kind"] }[] = [];
  private gaps: { from: number; to: number; title: string }[] = [];
  private sources: AudioBufferSourceNode[] = [];
  private playing = false;
  private position = 0;
  private startedAt = 0;
  private speed = 1;
  private readonly words: Words;
  private readonly links: string;
  private readonly missing: HTMLElement;
  private readonly canvas: HTMLCanvasElement;
  private readonly toggle: HTMLButtonElement;
  private readonly slider: HTMLInputElement;
  private readonly clock: HTMLElement;
  private readonly said: HTMLElement;
  private readonly pace: HTMLSelectElement;

  constructor(root: HTMLElement, data: Said, tracks: Track[], began: number) {
    const { words } = data;
    this.words = words;
    this.links = data.links;
    this.tracks = tracks;
    this.began = began;
    this.data = data;
    this.length = this.longest();
    this.place();
    root.innerHTML = "";
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", words.player);
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
    this.pace = line.appendChild(this.speeds());
    this.said = root.appendChild(document.createElement("p"));
    this.said.className = "call-sub player-said";
    this.said.setAttribute("role", "status");
    this.said.textContent = words.keys;
    this.missing = root.appendChild(document.createElement("p"));
    this.missing.className = "alert alert-warning player-missing";
    this.missing.setAttribute("role", "alert");
    this.missing.hidden = true;
    this.toggle.addEventListener("click", () => (this.playing ? this.pause() : void this.play()));
    this.slider.addEventListener("input", () => this.seek(Number(this.slider.value)));
    this.canvas.addEventListener("click", (event) => this.seek((event.offsetX / this.canvas.clientWidth) * this.length));
    this.canvas.addEventListener("mousemove", (event) => this.tell(event.offsetX));
    root.addEventListener("keydown", (event) => this.key(event));
    this.bindFacts();
    new ResizeObserver(() => this.draw()).observe(this.canvas);
    this.show();
    root.dataset["ready"] = "yes";
  }

  /** Where marks and gaps are, by how long the talk is: how long it really is, is known once the sound is here. */
  private place(): void {
    const { marks, gaps } = this.data;
    this.marks = (marks ?? []).map((mark) => ({ ...mark, at: this.offset(mark.at) })).filter((mark) => mark.at >= 0 && mark.at <= this.length);
    this.marks.sort((one, other) => one.at - other.at);
    this.gaps = (gaps ?? []).map((gap) => ({ title: gap.title, from: this.offset(gap.from), to: Math.min(this.length, this.offset(gap.to)) }));
  }

  private offset(at: string): number {
    return Date.parse(at) / 1000 - this.began;
  }

  private speeds(): HTMLSelectElement {
    const select = document.createElement("select");
    select.className = "form-select w-auto";
    select.setAttribute("aria-label", this.words.speed);
    for (const speed of SPEEDS) select.add(new Option(`${speed}×`, String(speed), speed === 1, speed === 1));
    select.addEventListener("change", () => this.run(Number(select.value)));
    return select;
  }

  private run(speed: number): void {
    const at = this.now();
    this.speed = speed;
    this.pace.value = String(speed);
    if (this.playing) this.seek(at);
  }

  /** Keys of the player while the focus is in it, save where a key does something of its own. */
  private key(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
    const target = event.target;
    const slides = target === this.slider;
    if (target instanceof HTMLElement && !slides && target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.code === "Space" && target instanceof HTMLElement && target.closest("button, a, summary")) return;
    const deeds: Record<string, () => void> = {
      Space: () => (this.playing ? this.pause() : void this.play()),
      KeyK: () => (this.playing ? this.pause() : void this.play()),
      KeyJ: () => this.seek(this.now() - SKIP_S),
      KeyL: () => this.seek(this.now() + SKIP_S),
      ArrowLeft: () => this.seek(this.now() - SKIP_S),
      ArrowRight: () => this.seek(this.now() + SKIP_S),
      KeyN: () => this.hop(1),
      KeyB: () => this.hop(-1),
      Comma: () => this.faster(-1),
      Period: () => this.faster(1),
      KeyC: () => document.getElementById("remark-text")?.focus(),
    };
    const deed = deeds[event.code];
    if (!deed) return;
    event.preventDefault();
    deed();
  }

  private faster(by: number): void {
    const place = SPEEDS.indexOf(this.speed) + by;
    if (SPEEDS[place]) this.run(SPEEDS[place]);
  }

  /** To the next or the last mark, and say what it is. */
  private hop(by: number): void {
    const at = this.now();
    const found = by > 0 ? this.marks.find((mark) => mark.at > at + 0.3) : [...this.marks].reverse().find((mark) => mark.at < at - 0.8);
    if (!found) return;
    this.seek(found.at);
    this.said.textContent = `${stamp(found.at)} ${found.title}`;
  }

  /** What is under the mouse. */
  private tell(x: number): void {
    const at = (x / this.canvas.clientWidth) * this.length;
    const near = (5 / this.canvas.clientWidth) * this.length;
    const found = this.marks.filter((mark) => Math.abs(mark.at - at) <= near).map((mark) => mark.title);
    const gap = this.gaps.find((one) => one.from <= at && at <= one.to);
    this.canvas.title = [...found, ...(gap ? [gap.title] : [])].join("\n");
  }

  /** A fact on the page's time line takes the player to its moment. */
  private bindFacts(): void {
    for (const button of document.querySelectorAll<HTMLElement>("[data-seek]"))
      button.addEventListener("click", () => {
        this.seek(Math.max(0, this.offset(button.dataset["seek"]!) - 1));
        if (!this.playing) void this.play();
      });
  }

  private now(): number {
    return this.playing ? Math.min(this.length, this.position + (this.context.currentTime - this.startedAt) * this.speed) : this.position;
  }

  private longest(): number {
    return Math.max(...this.tracks.map((track) => track.at + (track.buffer?.duration ?? track.piece.duration_s)), 0.1);
  }

  private get loaded(): boolean {
    return this.tracks.some((track) => track.buffer);
  }

  private get whole(): boolean {
    return this.tracks.every((track) => track.buffer);
  }

  /** Fetch every side that is not here yet; what cannot be had is named, and does not silence the rest. */
  private async load(): Promise<void> {
    this.loading = true;
    this.said.textContent = this.words.loading;
    const links = await addresses(this.links);
    await Promise.all(this.tracks.map(async (track) => (track.buffer ??= await sound(links[track.piece.id]))));
    const missing = this.tracks.filter((track) => !track.buffer).map((track) => `${track.piece.title} (${stamp(track.at)})`);
    this.missing.hidden = missing.length === 0;
    this.missing.textContent = this.loaded ? `${this.words.missing} ${missing.join(", ")}` : this.words.failed;
    this.said.textContent = this.words.keys;
    this.length = this.longest();
    this.place();
    this.slider.max = String(this.length);
    this.loading = false;
  }

  private async play(): Promise<void> {
    void this.context.resume();
    if (this.loading) return;
    if (!this.whole) await this.load();
    if (this.loaded && !this.playing) this.goOn();
    else this.show();
  }

  private goOn(): void {
    if (this.position >= this.length - 0.05) this.position = 0;
    this.startedAt = this.context.currentTime;
    this.playing = true;
    this.sources = this.tracks.flatMap((track) => this.source(track));
    this.show();
    this.beat();
  }

  private source(track: Track): AudioBufferSourceNode[] {
    const offset = this.position - track.at;
    if (!track.buffer || offset >= track.buffer.duration) return [];
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
    if (was) this.goOn();
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
    const remark = document.querySelector<HTMLInputElement>("[data-remark-at]");
    if (remark && document.activeElement?.id !== "remark-text") {
      remark.value = at.toFixed(1);
      const shown = document.querySelector<HTMLElement>("[data-remark-shown]");
      if (shown) shown.textContent = stamp(at);
    }
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
    const band = (height - LANE) / Math.max(1, rows.length);
    for (const track of this.tracks) this.wave(pen, track, LANE + rows.indexOf(track.piece.leg) * band, band, width);
    for (const gap of this.gaps) this.gap(pen, gap, width, height);
    for (const mark of this.marks) this.mark(pen, mark, width, height);
    const x = (this.now() / this.length) * width;
    pen.fillStyle = "#b3261e";
    pen.fillRect(x - 1, 0, 2, height);
  }

  private mark(pen: CanvasRenderingContext2D, mark: { at: number; kind: Mark["kind"] }, width: number, height: number): void {
    const x = (mark.at / this.length) * width;
    pen.fillStyle = COLOURS[mark.kind];
    if (mark.kind === "step") pen.fillRect(x - 3, 3, 6, 6);
    else {
      pen.beginPath();
      pen.arc(x, 6, mark.kind === "remark" ? 5 : 3, 0, 2 * Math.PI);
      pen.fill();
    }
    pen.globalAlpha = 0.25;
    pen.fillRect(x - 0.5, LANE - 2, 1, height);
    pen.globalAlpha = 1;
  }

  private gap(pen: CanvasRenderingContext2D, gap: { from: number; to: number; title: string }, width: number, height: number): void {
    const from = (gap.from / this.length) * width;
    const wide = Math.max(2, (gap.to / this.length) * width - from);
    pen.save();
    pen.beginPath();
    pen.rect(from, LANE, wide, height - LANE);
    pen.clip();
    pen.strokeStyle = "#8a6100";
    for (let x = from - height; x < from + wide; x += 7) {
      pen.beginPath();
      pen.moveTo(x, height);
      pen.lineTo(x + height, 0);
      pen.stroke();
    }
    pen.restore();
  }

  private wave(pen: CanvasRenderingContext2D, track: Track, top: number, band: number, width: number): void {
    const samples = track.buffer?.getChannelData(0) ?? new Float32Array(); // a line until it is fetched
    const from = Math.floor((track.at / this.length) * width);
    const wide = Math.max(1, Math.floor(((track.buffer?.duration ?? track.piece.duration_s) / this.length) * width));
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

/** Where the sides of the talk are now; nothing where they cannot be had. */
async function addresses(from: string): Promise<Record<number, string>> {
  try {
    const answer = await fetch(from, { credentials: "same-origin" });
    return answer.ok ? ((await answer.json()) as Record<number, string>) : {};
  } catch {
    return {};
  }
}

/** What lies there; null where it is not there or is no sound. */
async function sound(url: string | undefined): Promise<AudioBuffer | null> {
  if (!url) return null;
  try {
    const answer = await fetch(url, { credentials: "same-origin" });
    return answer.ok ? await new OfflineAudioContext(1, 1, 8000).decodeAudioData(await answer.arrayBuffer()) : null;
  } catch {
    return null;
  }
}

export function player(root: HTMLElement): void {
  const data = JSON.parse(document.getElementById(root.dataset["player"]!)?.textContent ?? "{}") as Said;
  if (!data.pieces?.length) return;
  const began = Math.min(...data.pieces.map((piece) => Date.parse(piece.started_at))) / 1000;
  new Player(root, data, data.pieces.map((piece) => ({ piece, buffer: null, at: Date.parse(piece.started_at) / 1000 - began })), began);
}
