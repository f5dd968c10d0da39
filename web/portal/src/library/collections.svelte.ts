import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import { api, Failure, take, type Collection } from '../api/client';
import { rows, TOP } from './tree';

const PAGE = 200;

/** The tree of collections, read a level at a time. */
export class CollectionTree {
  /** What is in each collection that was opened, by its id. */
  children = new SvelteMap<string, Collection[]>();
  /** Where the next page of a level begins. */
  next = new SvelteMap<string, string>();
  open = new SvelteSet<string>();
  favourites = $state.raw<Collection[]>([]);
  /** The one that is looked at, as it was last read. */
  chosen = $state.raw<Collection>();
  failure = $state.raw<Failure>();
  ready = $state(false);
  rows = $derived(rows(this.children, this.open));

  async level(parent: string, more = false): Promise<void> {
    const after = more ? this.next.get(parent) : undefined;
    // A level that was read further is read as far again.
    const limit = more ? PAGE : Math.min(500, Math.max(PAGE, this.children.get(parent)?.length ?? 0));
    const page = await take(
      api.GET('/api/collections', {
        params: { query: { parent: parent || 'top', limit, ...(after && { after }) } },
      }),
    );
    this.children.set(parent, [...(more ? (this.children.get(parent) ?? []) : []), ...page.items]);
    if (page.next) this.next.set(parent, page.next);
    else this.next.delete(parent);
  }

  /** Reads again what is shown. */
  async load(): Promise<void> {
    try {
      const [starred] = await Promise.all([
        take(api.GET('/api/collections', { params: { query: { favourites: true, limit: 100 } } })),
        ...[TOP, ...this.open].map((id) =>
          this.level(id).catch((e: unknown) => {
            // It may have been deleted meanwhile.
            if (id === TOP || Failure.of(e).status !== 404) throw e;
            this.open.delete(id);
            this.children.delete(id);
          }),
        ),
      ]);
      this.favourites = starred.items;
      if (this.chosen) await this.choose(this.chosen.id);
      this.failure = undefined;
    } catch (e) {
      this.failure = Failure.of(e);
    }
    this.ready = true;
  }

  #asked = '';
  async choose(id: string): Promise<void> {
    this.#asked = id;
    try {
      const c = await take(api.GET('/api/collections/{id}', { params: { path: { id } } }));
      // Somebody may have gone on meanwhile.
      if (this.#asked === id) this.chosen = c;
    } catch (e) {
      if (Failure.of(e).status !== 404) throw e;
      this.chosen = undefined;
    }
  }

  async expand(id: string): Promise<void> {
    if (!this.children.has(id)) await this.level(id);
    this.open.add(id);
  }

  /** Opens everything above a collection, and chooses it. */
  async reveal(id: string): Promise<void> {
    await this.choose(id);
    for (const above of this.chosen?.path ?? []) await this.expand(above.id);
  }
}
