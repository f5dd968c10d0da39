import { api, take, type Collection } from './client';
import type { CustomField } from './custom';
import { Loaded } from './loaded.svelte';

const collections = new Loaded<Collection[]>(async () => (await take(api.GET('/api/collections'))).items ?? []);
const channels = new Loaded<{ id: string; name: string }[]>(
  async () => (await take(api.GET('/api/channels'))).items ?? [],
);
const fields = new Loaded<CustomField[]>(async () => (await take(api.GET('/api/fields'))).items ?? []);

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
  /** What a publisher can publish on; empty for anybody else. */
  channels: {
    load: () => channels.load(),
    get items(): { id: string; name: string }[] {
      return channels.value ?? [];
    },
  },
  /** The library's own metadata fields. */
  fields: {
    load: () => fields.load(),
    get items(): CustomField[] {
      return fields.value ?? [];
    },
    list: fields,
  },
};
