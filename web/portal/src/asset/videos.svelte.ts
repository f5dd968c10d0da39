import { api, take, type Schemas } from '../api/client';
import type { OpenAsset } from './asset.svelte';
import { Loaded } from '../api/loaded.svelte';

/** A video that is not there yet, or will not be. */
export type VideoRendition = Schemas['VideoRendition'];
export type Renditions = Schemas['RenditionsOutBody'];

export const under = (f: VideoRendition) => f.state === 'waiting' || f.state === 'running';

/**
 * An asset's renditions, read again when it changes, and while a video is being made. To be called as a component
 * begins.
 */
export function renditionsOf(open: () => OpenAsset): Loaded<Renditions> {
  const list = new Loaded(
    async () => await take(api.GET('/api/assets/{id}/renditions', { params: { path: { id: open().id } } })),
  );
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
