import { api, take } from './api';
import type { OpenAsset } from './asset.svelte';
import type { Zone } from './crop';
import type { Made as Listed } from './embed';
import { Loaded } from './loaded.svelte';

export type Made = Listed & { note?: string; cuts?: Zone[]; withheld?: boolean };
/** A video that is not there yet, or will not be. */
export interface Film {
  preset: string;
  state: 'waiting' | 'running' | 'failed' | 'cancelled';
  progress: number;
  note?: string;
}
export interface Renditions {
  items: Made[];
  state: string;
  note?: string;
  films: Film[];
}

export const under = (f: Film) => f.state === 'waiting' || f.state === 'running';

/** An asset's renditions, read again when it changes, and while a video is being made. To be called as a component begins. */
export function renditionsOf(open: () => OpenAsset): Loaded<Renditions> {
  const list = new Loaded(async () => (await take(api.GET('/api/assets/{id}/renditions', { params: { path: { id: open().id } } }))) as unknown as Renditions);
  $effect(() => {
    void open().turn;
    void list.load();
  });
  $effect(() => {
    if (!list.value?.films.some(under)) return;
    const timer = setInterval(() => void list.load(), 1500);
    return () => clearInterval(timer);
  });
  return list;
}
