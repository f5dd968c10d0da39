import { api, Failure, take, type Schemas } from './client';
import { eventTypes } from './generated/descriptors';

/** What listeners are told of an event; the stream's and the log's say more. */
export type LiveEvent = Pick<Schemas['Event'], 'seq' | 'type' | 'subject'>;
type Listener = (e: LiveEvent) => void;

/** The event log as it grows: a stream, and where proxies break streams, a long poll. */
class Live {
  seq = 0;
  /** Where the log was read to, with its epoch: another epoch answers 410. */
  #cursor = '';
  mode = $state<'off' | 'stream' | 'poll'>('off');
  #listeners = new Set<Listener>();
  #source: EventSource | undefined;
  #poll: AbortController | undefined;
  #failures = 0;

  constructor() {
    // A browser opens six connections to a server: tabs nobody looks at must not hold them.
    document.addEventListener('visibilitychange', () => {
      if (this.mode === 'off') return;
      this.#source?.close();
      this.#poll?.abort();
      if (document.hidden) return;
      this.#stream();
      this.#tell({ seq: this.seq, type: 'asset.missed', subject: '' }); // whatever happened meanwhile
    });
  }
  start(): void {
    if (this.mode === 'off') this.#stream();
  }
  stop(): void {
    this.mode = 'off';
    this.#source?.close();
    this.#poll?.abort();
  }
  on(f: Listener): () => void {
    this.#listeners.add(f);
    return () => this.#listeners.delete(f);
  }

  #tell(e: LiveEvent): void {
    this.seq = Math.max(this.seq, e.seq);
    for (const f of this.#listeners) f(e);
  }
  #stream(): void {
    this.mode = 'stream';
    this.#failures = 0;
    const source = (this.#source = new EventSource('/api/events/stream'));
    source.onopen = () => (this.#failures = 0);
    // EventSource only hands over types it was asked for.
    for (const t of eventTypes)
      source.addEventListener(t, (e) => {
        const event: Schemas['Event'] = JSON.parse(e.data);
        this.#cursor = e.lastEventId;
        this.#tell(event);
      });
    source.onerror = () => {
      if (++this.#failures < 3 && source.readyState !== EventSource.CLOSED) return; // it reconnects by itself
      source.close();
      if (this.mode === 'stream') void this.#polling();
    };
  }
  async #polling(): Promise<void> {
    this.mode = 'poll';
    const stop = (this.#poll = new AbortController());
    if (!this.seq) {
      // The list knows how far the log is: only what comes after that is news.
      const list = await take(api.GET('/api/assets', { params: { query: { limit: 1 } } })).catch(() => undefined);
      this.seq = Number(list?.seq ?? 0);
    }
    while (!stop.signal.aborted) {
      try {
        const page = await take(
          api.GET('/api/events', {
            params: { query: { after: this.#cursor || String(this.seq), wait: 25 } },
            signal: stop.signal,
          }),
        );
        for (const e of page.items ?? []) this.#tell(e);
        this.#cursor = page.cursor;
        this.seq = Math.max(this.seq, Number(page.next ?? 0));
      } catch (e) {
        if (stop.signal.aborted) return;
        if (e instanceof Failure && e.code === 'gone') {
          // The catalogue was restored, or this page was away for too long: everything is read again.
          this.#cursor = '';
          this.seq = 0;
          this.#tell({ seq: 0, type: 'asset.missed', subject: '' });
          this.#tell({ seq: 0, type: 'log.epoch_began', subject: '' });
          return this.#stream();
        }
        await new Promise((r) => setTimeout(r, 5000));
      }
    }
  }
}

export const live = new Live();
