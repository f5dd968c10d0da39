import { api, Failure, take } from './api';
import { prefs } from './prefs.svelte';
import { params, type Filters } from './results.svelte';

export interface Count {
  value: string;
  count: number;
}

/** The fields the panel can count by, in its order, and how each is shown. */
export const facetKinds = {
  status: 'list', type: 'list', tag: 'tree', collection: 'list', orientation: 'list', creator: 'list', sku: 'list', format: 'list',
  taken: 'months', uploaded: 'months',
} as const satisfies Record<string, 'list' | 'tree' | 'months'>;

/** The counts of the open sections, for the query that is shown. Sections that are folded cost nothing. */
export class Facets {
  counts = $state.raw<Record<string, Count[]>>({});
  failure = $state.raw<Failure>();
  open = $state<string[]>(prefs.facets.split(',').filter(Boolean));
  #asked: AbortController | undefined;

  toggle(name: string): void {
    this.open = this.open.includes(name) ? this.open.filter((n) => n !== name) : [...this.open, name];
    prefs.set('facets', this.open.join(','));
  }

  async load(f: Filters, wait = 0): Promise<void> {
    this.#asked?.abort();
    const names = Object.keys(facetKinds).filter((n) => this.open.includes(n));
    if (!names.length) return;
    const asked = (this.#asked = new AbortController());
    try {
      const page = await take(api.GET('/api/assets', { params: { query: { ...params({ ...f, sort: '' }), limit: 1, facets: names.join(','), ...(wait && { wait }) } }, signal: asked.signal }));
      if (asked.signal.aborted) return;
      this.counts = (page.facets ?? {}) as Record<string, Count[]>;
      this.failure = undefined;
    } catch (e) {
      if (asked.signal.aborted) return;
      this.failure = e instanceof Failure ? e : new Failure({ detail: String(e) });
    }
  }
}

export interface Branch {
  value: string;
  name: string;
  count: number;
  below: Branch[];
}

/** Tags as the tree they are: nature, then forest below it. A branch without its own count takes the largest below. */
export function tree(counts: Count[]): Branch[] {
  const top: Branch[] = [];
  const known = new Map<string, Branch>();
  const place = (value: string, count: number): Branch => {
    const key = value.toLowerCase();
    const have = known.get(key);
    if (have) {
      have.count = Math.max(have.count, count);
      return have;
    }
    const cut = value.lastIndexOf('/');
    const b: Branch = { value, name: cut > 0 ? value.slice(cut + 1) : value, count, below: [] };
    known.set(key, b);
    (cut > 0 ? place(value.slice(0, cut), count).below : top).push(b);
    return b;
  };
  for (const c of counts) place(c.value, c.count);
  return top;
}
