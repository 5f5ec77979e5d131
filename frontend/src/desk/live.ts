/** News from the server: a stream says that something changed, then the page asks for the whole state. */

const POLL_QUIET_MS = 20_000;
const POLL_DEAF_MS = 3_000;
const SILENT_MS = 40_000; // the server says every 15 s that it is there

export class Live {
  connected = false;
  private source: EventSource | null = null;
  private timer = 0;
  private heardAt = 0;
  private readonly url: string;
  private readonly refresh: () => void;
  private readonly changed: () => void;

  constructor(url: string, refresh: () => void, changed: () => void) {
    this.url = url;
    this.refresh = refresh;
    this.changed = changed;
  }

  start(): void {
    this.connect();
    this.plan();
  }

  /** Listen anew: what was there before an outage may be a connection that nobody but this page knows of any more. */
  again(): void {
    if (!this.source) return;
    this.source.close();
    this.hear(false);
    this.connect();
  }

  private connect(): void {
    if (!this.url) return;
    const source = (this.source = new EventSource(this.url, { withCredentials: true }));
    source.addEventListener("open", () => this.hear(true));
    source.addEventListener("beat", () => (this.heardAt = Date.now()));
    source.addEventListener("changed", () => {
      this.heardAt = Date.now();
      this.refresh();
    });
    source.addEventListener("error", () => {
      if (source !== this.source) return;
      this.hear(false);
      if (source.readyState === EventSource.CLOSED) window.setTimeout(() => source === this.source && this.connect(), 2000);
    });
  }

  private hear(connected: boolean): void {
    if (connected) {
      this.heardAt = Date.now();
      this.refresh();
    }
    if (connected === this.connected) return;
    this.connected = connected;
    this.plan();
    this.changed();
  }

  /** Whatever happens to the stream, the state is asked for again after a while. */
  private plan(): void {
    window.clearInterval(this.timer);
    this.timer = window.setInterval(() => this.look(), this.connected ? POLL_QUIET_MS : POLL_DEAF_MS);
  }

  private look(): void {
    if (this.connected && Date.now() - this.heardAt > SILENT_MS) this.again();
    this.refresh();
  }
}
