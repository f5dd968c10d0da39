import { api, take } from './api';

export interface Entry {
  publication: string; asset: string; version: string; title?: string; now: 'shown' | 'early' | 'over' | 'later';
  showing: { from?: string; until?: string; day_parts?: string; order?: number; seconds?: number };
  rights: { from?: string; until?: string };
  file: { sha256: string; preset: string; media_type: string; width: number; height: number };
}
export interface Playlist { version: string; group: { zone: string; seconds: number }; items: Entry[] }
export interface Screen {
  id: string; name: string; state: 'waiting' | 'showing' | 'idle' | 'behind' | 'silent'; url?: string; last_seen?: string; title?: string; skew_seconds?: number;
  report?: { entry?: string; file?: string; since?: string; feed: string; offline_from?: string; offline_until?: string; cached: number; missing: number; trouble?: string };
}
type Answer = Promise<{ data?: unknown; response: Response }>;
const at = (id: string) => ({ params: { path: { id } } });

export const playlist = async (id: string) => (await take(api.GET('/api/channels/{id}/playlist', at(id)))) as unknown as Playlist;
export const screens = async (id: string) => ((await take(api.GET('/api/channels/{id}/screens', at(id)))).items ?? []) as unknown as Screen[];
export const addScreen = async (id: string, name: string) => (await take(api.POST('/api/channels/{id}/screens', { ...at(id), body: { name } } as never) as Answer)) as unknown as Screen;
export const removeScreen = (id: string, screen: string) => take(api.DELETE('/api/channels/{id}/screens/{screen}', { params: { path: { id, screen } } } as never) as Answer);
export const preview = async (id: string) => ((await take(api.POST('/api/channels/{id}/screens/preview', at(id) as never) as Answer)) as unknown as { url: string }).url;
export const move = (id: string, publication: string, before: string) => take(api.POST('/api/channels/{id}/playlist/move', { ...at(id), body: { publication, ...(before && { before }) } } as never) as Answer);

/** A list with one of its members in front of another, or last. */
export function moved<T>(list: T[], what: T, before: T | undefined): T[] {
  const rest = list.filter((x) => x !== what);
  const to = before === undefined ? rest.length : rest.indexOf(before);
  return [...rest.slice(0, to), what, ...rest.slice(to)];
}
