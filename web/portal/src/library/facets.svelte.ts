import { api, Failure, take, type Schemas } from '../api/client';
import { catalogue } from '../api/catalogue.svelte';
import { termLabels, type CustomField } from '../api/custom';
import { panel } from '../api/generated/descriptors';
import { prefs } from '../ui/prefs.svelte';
import { params, type Filters } from './results.svelte';
import { session } from '../api/session.svelte';

/** `below`: of a level of tags, more hangs on this one. `swatch`: of a colour, what it looks like. */
export type Count = Schemas['FacetCount'];
type Counts = NonNullable<Schemas['SearchOutBody']['facets']>;

export type FacetKind = (typeof panel)[number]['shape'] | 'range';

// Long texts are found by their words, and not counted.
const customKinds: Record<CustomField['type'], FacetKind | undefined> = {
  text: 'list',
  long_text: undefined,
  localized_text: undefined,
  choice: 'list',
  boolean: 'list',
  date: 'months',
  date_time: 'months',
  number: 'range',
  person: 'list',
  asset: 'list',
  product: 'list',
  url: 'list',
  tree: 'list',
};

/**
 * The fields the panel can count by, in its order, and how each is shown: the language's own, then the library's, which
 * stand for those of the same name.
 */
export function facetKinds(): [string, FacetKind][] {
  const own = new Set(catalogue.fields.items.map((f) => f.key));
  return [
    ...panel
      .filter((s) => !own.has(s.name) && (!s.needs || session.can(s.needs)))
      .map((s): [string, FacetKind] => [s.name, s.shape]),
    ...catalogue.fields.items.flatMap((f): [string, FacetKind][] => {
      const kind = customKinds[f.type];
      return kind ? [[f.key, kind]] : [];
    }),
  ];
}

/** How many values of a field are counted, the most frequent ones. */
export const COUNTED = 50;

/** The counts of the open sections, for the query that is shown. Sections that are folded cost nothing. */
export class Facets {
  counts = $state.raw<Counts>({});
  failure = $state.raw<Failure>();
  open = $state<string[]>(prefs.facets.split(',').filter(Boolean));
  /** Branches of tags whose next level is shown. */
  branches = $state<string[]>([]);
  /** Counts how often the counts were read: what reads its own follows. */
  turn = $state(0);
  #asked: AbortController | undefined;

  toggle(name: string): void {
    this.open = this.open.includes(name) ? this.open.filter((n) => n !== name) : [...this.open, name];
    prefs.set('facets', this.open.join(','));
  }
  unfold(branch: string, on: boolean): void {
    if (on !== this.branches.includes(branch))
      this.branches = on ? [...this.branches, branch] : this.branches.filter((b) => b !== branch);
  }

  async load(f: Filters, wait = 0): Promise<void> {
    this.#asked?.abort();
    const kinds = facetKinds().filter(([n]) => this.open.includes(n));
    // A comma would end the name of the facet.
    const names = kinds
      .filter(([, k]) => k !== 'map' && k !== 'range')
      .flatMap(([n, k]) =>
        k === 'tree' ? [`${n}:/`, ...this.branches.filter((b) => !b.includes(',')).map((b) => `${n}:${b}`)] : [n],
      );
    const asked = (this.#asked = new AbortController());
    try {
      if (names.length) {
        const page = await take(
          api.GET('/api/assets', {
            params: {
              query: {
                ...params({ ...f, sort: '' }),
                limit: 1,
                facets: names.join(','),
                facet_limit: COUNTED,
                ...(wait && { wait }),
              },
            },
            signal: asked.signal,
          }),
        );
        if (asked.signal.aborted) return;
        this.counts = page.facets ?? {};
        for (const [field, list] of Object.entries(this.counts))
          for (const c of list ?? []) if (c.label) termLabels.set(`${field}:${c.value}`, session.text(c.label));
      }
      this.failure = undefined;
      this.turn++;
    } catch (e) {
      if (asked.signal.aborted) return;
      this.failure = Failure.of(e);
    }
  }
}

export interface Branch {
  value: string;
  name: string;
  count: number;
  /** Whether there is another level, read or not yet. */
  more: boolean;
  below: Branch[];
}

/** The levels of tags that have been read, as the tree they are: nature, then forest below it. */
export function tree(counts: Counts, field: string, on = '/'): Branch[] {
  return (counts[`${field}:${on}`] ?? []).map(({ value, count, below }) => ({
    value,
    count,
    name: on === '/' ? value : value.slice(on.length + 1),
    more: !!below,
    below: below ? tree(counts, field, value) : [],
  }));
}

/** The branches a tag hangs on, topmost first: a, then a/b for a/b/c. */
export const above = (tag: string): string[] =>
  tag
    .split('/')
    .slice(0, -1)
    .map((_, i, all) => all.slice(0, i + 1).join('/'));
