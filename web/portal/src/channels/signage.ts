import { api, take, type Schemas } from '../api/client';

export type Entry = Schemas['PlaylistItem'];
export type Playlist = Schemas['Playlist'];
export type Screen = Schemas['Screen'];
const at = (id: string) => ({ params: { path: { id } } });

export const playlist = async (id: string) => await take(api.GET('/api/channels/{id}/playlist', at(id)));
export const screens = async (id: string) => (await take(api.GET('/api/channels/{id}/screens', at(id)))).items ?? [];
export const addScreen = async (id: string, name: string) =>
  await take(api.POST('/api/channels/{id}/screens', { ...at(id), body: { name } }));
export const removeScreen = (id: string, screen: string) =>
  take(api.DELETE('/api/channels/{id}/screens/{screen}', { params: { path: { id, screen } } }));
export const preview = async (id: string) => (await take(api.POST('/api/channels/{id}/screens/preview', at(id)))).url;
export const move = (id: string, publication: string, before: string) =>
  take(api.POST('/api/channels/{id}/playlist/move', { ...at(id), body: { publication, before: before || undefined } }));

/** A list with one of its members in front of another, or last. */
export function moved<T>(list: T[], what: T, before: T | undefined): T[] {
  const rest = list.filter((x) => x !== what);
  const to = before === undefined ? rest.length : rest.indexOf(before);
  return [...rest.slice(0, to), what, ...rest.slice(to)];
}
