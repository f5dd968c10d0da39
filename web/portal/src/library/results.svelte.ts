import { SvelteMap } from 'svelte/reactivity';
import { api, Failure, take, type Asset } from '../api/client';

export const PAGE = 200;
// 30 pages are 6,000 assets: enough to scroll about, little enough for the heap.
const KEPT = 30;

export interface Filters {
  q: string;
  sort: string;
  bin: boolean;
}

/** The parameters of a query as the server takes them; those at rest are left out. */
export function params(f: Filters) {
  return {
    ...(f.q && { q: f.q }),
    ...(f.bin && { bin: true }),
    ...(f.sort && { sort: f.sort }),
  };
}

/** One query's result, loaded a page at a time as the grid asks for it. */
export class Results {
  total = $state(0);
  ready = $state(false);
  busy = $state(false);
  failure = $state.raw<Failure>();
  filters: Filters = { q: '', sort: '', bin: false };
  /** Nothing fitted exactly: one typing error per word was forgiven. */
  fuzzy = $state(false);
  /** A query like this one that finds something. */
  suggestion = $state('');
  rebuilding = $state(false);
  /** The index can't follow for now: what is shown is of an earlier state. */
  frozen = $state(false);
  /** How far the index had read the log for what is shown. */
  seq = 0;
  /** True while what is shown answers the query before this one. */
  stale = $state(false);
  #pages = new SvelteMap<number, Asset[]>();
  #asked = new Map<number, AbortController>();
  #wanted: number[] = [0];
  /** The event the index must have read before a refresh is answered. */
  #seq = 0;
  /** Pages shown before the last change, to be replaced without a flash. */
  #old = new Set<number>();

  /** Starts over with new filters; what is shown stays until there is something else to show. */
  reset(filters: Filters): void {
    this.filters = filters;
    for (const c of this.#asked.values()) c.abort();
    this.#asked.clear();
    for (const p of this.#pages.keys()) this.#old.add(p);
    this.stale = true;
    this.#wanted = [0];
    this.busy = true;
    void this.load([0]);
  }

  at(i: number): Asset | undefined {
    return this.#pages.get(Math.floor(i / PAGE))?.[i % PAGE];
  }

  /** Where an asset is, among what is loaded; -1 when it is not. */
  indexOf(id: string): number {
    for (const [p, items] of this.#pages) {
      const i = items.findIndex((a) => a.id === id);
      if (i >= 0) return p * PAGE + i;
    }
    return -1;
  }

  /** Puts a changed asset in its place at once, before the search has it. */
  put(a: Asset): void {
    const i = this.indexOf(a.id);
    if (i < 0) return;
    const p = Math.floor(i / PAGE);
    const items = [...(this.#pages.get(p) ?? [])];
    items[i % PAGE] = a;
    this.#pages.set(p, items);
  }

  /** Loads the wanted pages, and drops requests for pages nobody looks at any more. */
  async load(wanted: number[]): Promise<void> {
    this.#wanted = wanted;
    for (const [p, c] of this.#asked) {
      if (!wanted.includes(p)) {
        c.abort();
        this.#asked.delete(p);
      }
    }
    await Promise.all(
      wanted.filter((p) => !this.#asked.has(p) && (!this.#pages.has(p) || this.#old.has(p))).map((p) => this.#fetch(p)),
    );
  }

  /** Reads what is shown again, in place; other pages when they are next looked at. */
  refresh(seq = 0): void {
    this.#seq = seq;
    for (const p of this.#pages.keys()) this.#old.add(p);
    for (const [p, c] of this.#asked) {
      c.abort();
      this.#asked.delete(p);
    }
    void this.load(this.#wanted);
  }

  async #fetch(p: number): Promise<void> {
    const c = new AbortController();
    this.#asked.set(p, c);
    try {
      const data = await take(
        api.GET('/api/assets', {
          params: {
            query: { ...params(this.filters), offset: p * PAGE, limit: PAGE, ...(this.#seq && { wait: this.#seq }) },
          },
          signal: c.signal,
        }),
      );
      if (c.signal.aborted) return;
      if (this.stale) {
        this.#pages.clear();
        this.#old.clear();
        this.stale = false;
      }
      this.total = data.total;
      this.seq = data.seq;
      this.fuzzy = !!data.fuzzy;
      this.suggestion = data.suggestion ?? '';
      this.rebuilding = !!data.rebuilding;
      this.frozen = !!data.notice;
      this.#pages.set(p, data.items ?? []);
      this.#old.delete(p);
      this.failure = undefined;
      this.ready = true;
      for (const k of this.#pages.keys()) {
        if (this.#pages.size <= KEPT) break;
        if (!this.#wanted.includes(k)) this.#pages.delete(k);
      }
    } catch (e) {
      if (c.signal.aborted) return;
      if (!this.#pages.size) this.total = 0;
      this.failure = Failure.of(e);
      this.ready = true;
    } finally {
      if (this.#asked.get(p) === c) this.#asked.delete(p);
      if (!this.#asked.size) this.busy = false;
    }
  }
}
