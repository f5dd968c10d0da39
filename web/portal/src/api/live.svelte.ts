import { api, Failure, take, type Schemas } from './client';
import { eventTypes } from './generated/descriptors';
import { scope } from './scope';

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
      if (!document.hidden) void this.#skip();
    });
  }
  /** Follows the log from a cursor that was read before anything that is to be kept up to date. */
  start(cursor: string): void {
    if (this.mode !== 'off') return;
    this.#cursor = cursor;
    this.#stream();
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
  /** Goes on from the log's end, and has everything read again that may have changed before it. */
  async #skip(): Promise<void> {
    const me = await take(api.GET('/api/me')).catch(() => undefined);
    if (this.mode === 'off' || document.hidden) return;
    if (me) {
      this.#cursor = me.cursor;
      this.seq = Number(me.cursor.split(':').pop());
    }
    this.#stream();
    this.#tell({ seq: this.seq, type: 'asset.missed', subject: '' });
  }
  #stream(): void {
    this.#source?.close();
    this.#poll?.abort();
    this.mode = 'stream';
    this.#failures = 0;
    const from = `/api/events/stream?after=${encodeURIComponent(this.#cursor)}`;
    const source = (this.#source = new EventSource(scope.within(from)));
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
    while (!stop.signal.aborted) {
      try {
        const page = await take(
          api.GET('/api/events', {
            params: { query: { after: this.#cursor, wait: 25 } },
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
          this.seq = 0;
          await this.#skip();
          this.#tell({ seq: this.seq, type: 'log.epoch_began', subject: '' });
          return;
        }
        await new Promise((r) => setTimeout(r, 5000));
      }
    }
  }
}

export const live = new Live();
