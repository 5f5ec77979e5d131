/** News from the server: a stream says that something changed, then the page asks for the whole state. */

const POLL_QUIET_MS = 20_000;
const POLL_DEAF_MS = 3_000;

export class Live {
  connected = false;
  private source: EventSource | null = null;
  private timer = 0;
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

  private connect(): void {
    if (!this.url) return;
    this.source = new EventSource(this.url, { withCredentials: true });
    this.source.addEventListener("open", () => this.hear(true));
    this.source.addEventListener("changed", () => this.refresh());
    this.source.addEventListener("error", () => {
      this.hear(false);
      if (this.source?.readyState === EventSource.CLOSED) window.setTimeout(() => this.connect(), 2000);
    });
  }

  private hear(connected: boolean): void {
    if (connected) this.refresh();
    if (connected === this.connected) return;
    this.connected = connected;
    this.plan();
    this.changed();
  }

  /** Whatever happens to the stream, the state is asked for again after a while. */
  private plan(): void {
    window.clearInterval(this.timer);
    this.timer = window.setInterval(() => this.refresh(), this.connected ? POLL_QUIET_MS : POLL_DEAF_MS);
  }
}
