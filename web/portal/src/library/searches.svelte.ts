import { api, ifMatch, take, type Schemas } from '../api/client';
import type { Option } from './complete.svelte';
import { live } from '../api/live.svelte';
import { notices } from '../ui/toasts.svelte';
import { m } from '../i18n/paraglide/messages';
import { session } from '../api/session.svelte';

export type Saved = Schemas['SavedSearch'];
export type Change = Schemas['SavedSearchInput'];
type Recent = Schemas['RecentSearch'];

const RECENT_SHOWN = 5;
// A shoot that is uploaded is one piece of news, not a hundred.
const GATHERING = 1500;

/** The searches somebody keeps, those of the library, and the last ones used. */
class Searches {
  saved = $state.raw<Saved[]>([]);
  recent = $state.raw<Recent[]>([]);
  /** How many assets an alert has told of since they were last looked at, by saved search. */
  fresh = $state<Record<string, number>>({});
  #noted = '';
  #news = new Map<string, number>();
  #timer = 0;

  /** Reads both lists and follows what becomes of them; returns how to stop. */
  start(): () => void {
    void this.load();
    void take(api.GET('/api/searches/recent'))
      .then((r) => (this.recent = r.items ?? []))
      .catch(() => {}); // the box works without
    return live.on((e) => {
      if (e.type === 'search.matched') this.#matched(e.subject);
      else if (e.type.startsWith('search.') || e.type === 'asset.missed') void this.load();
    });
  }
  async load(): Promise<void> {
    await take(api.GET('/api/searches'))
      .then((r) => (this.saved = r.items ?? []))
      .catch(() => {}); // likewise
  }

  #matched(id: string): void {
    const s = this.saved.find((x) => x.id === id);
    if (!s) return;
    this.fresh[id] = (this.fresh[id] ?? 0) + 1;
    if (s.owner !== session.me?.user.id) return;
    this.#news.set(id, (this.#news.get(id) ?? 0) + 1);
    this.#timer ||= window.setTimeout(() => {
      this.#timer = 0;
      for (const [of, n] of this.#news) {
        const about = this.saved.find((x) => x.id === of);
        if (about) notices.say(m.search_matched({ count: n, n, name: about.name }));
      }
      this.#news.clear();
    }, GATHERING);
  }
  /** What an alert told of has been looked at. */
  seen(id: string): void {
    delete this.fresh[id];
  }

  /** The saved search that is shown now, if it is one. */
  at(query: string, sort: string): Saved | undefined {
    return query ? this.saved.find((s) => s.query === query && (s.sort ?? '') === sort) : undefined;
  }
  /** Own ones, and for editors those of the library, can be changed. */
  may(s: Saved): boolean {
    return s.owner === session.me?.user.id || (s.shared && session.can('share_searches'));
  }

  /** Remembers a search that was used. */
  note(query: string, sort: string): void {
    if (!query || query === this.#noted) return;
    this.#noted = query;
    const entry = { query, sort: sort || undefined };
    this.recent = [{ ...entry, at: new Date().toISOString() }, ...this.recent.filter((r) => r.query !== query)];
    // A search that fails to be remembered is still one.
    void take(api.POST('/api/searches/recent', { body: entry })).catch(() => {});
  }
  async forget(): Promise<void> {
    await take(api.DELETE('/api/searches/recent'));
    this.recent = [];
    this.#noted = '';
  }

  async save(what: Change): Promise<Saved> {
    const s = await take(api.POST('/api/searches', { body: what }));
    this.saved = [...this.saved.filter((x) => x.id !== s.id), s]; // its event may have been faster than its answer
    return s;
  }
  async change(s: Saved, what: Change): Promise<void> {
    const now = await take(
      api.PATCH('/api/searches/{id}', { params: { path: { id: s.id } }, headers: ifMatch(s), body: what }),
    );
    this.saved = this.saved.map((x) => (x.id === s.id ? now : x));
  }
  async remove(s: Saved): Promise<void> {
    await take(api.DELETE('/api/searches/{id}', { params: { path: { id: s.id } } }));
    this.saved = this.saved.filter((x) => x.id !== s.id);
  }

  /** What the search box offers before anything is typed. */
  get starting(): Option[] {
    const kept: Option[] = this.saved.map((s) => ({
      kind: 'saved',
      label: s.name,
      q: s.query,
      sort: s.sort ?? '',
      ...(this.fresh[s.id] && { note: m.search_fresh({ n: this.fresh[s.id] ?? 0 }) }),
    }));
    const last = this.recent.filter((r) => !this.saved.some((s) => s.query === r.query)).slice(0, RECENT_SHOWN);
    return [...last.map((r): Option => ({ kind: 'recent', label: r.query, q: r.query, sort: r.sort ?? '' })), ...kept];
  }
}

export const searches = new Searches();
