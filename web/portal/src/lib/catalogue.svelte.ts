import { api, take, type Collection } from './api';
import { Loaded } from './loaded.svelte';

const collections = new Loaded<Collection[]>(async () => ((await take(api.GET('/api/collections'))).items ?? []) as Collection[]);

/** Lists that several screens share. */
export const catalogue = {
  collections: {
    load: () => collections.load(),
    get items(): Collection[] {
      return collections.value ?? [];
    },
    get ready() {
      return collections.ready;
    },
    get failure() {
      return collections.failure;
    },
  },
};
