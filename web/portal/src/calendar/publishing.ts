import { api, ifMatch, take, type Asset, type Schemas } from '../api/client';
import { wall } from '../i18n/timezone';

export type PublicationProblem = Schemas['PublicationProblem'];
export type Publication = Schemas['Publication'];
export type Schedule = Schemas['Schedule'];
export type Slot = Schemas['QueueSlot'];
export type Channel = Schemas['Channel'];
export type Kind = Schemas['ChannelKind'];
export type Campaign = Schemas['Campaign'];
export type Check = Schemas['PublishCheck'];

const PAGE = 200;
/** Publications that match, newest first: at most `pages` pages of 200; whole is false when there are more. */
export async function publications(
  query: Record<string, string>,
  pages = 10,
): Promise<{ items: Publication[]; whole: boolean }> {
  const items: Publication[] = [];
  for (let after = ''; pages > 0; pages--) {
    const page = await take(
      api.GET('/api/publications', { params: { query: { ...query, limit: PAGE, ...(after && { after }) } } }),
    );
    items.push(...(page.items ?? []));
    after = page.next ?? '';
    if (!after) return { items, whole: true };
  }
  return { items, whole: false };
}

export const channels = async () => (await take(api.GET('/api/channels'))).items ?? [];
export const campaigns = async () => (await take(api.GET('/api/campaigns'))).items ?? [];
export const publication = async (id: string) =>
  await take(api.GET('/api/publications/{id}', { params: { path: { id } } }));
/** Whether a plan's time has passed, so that the server no longer takes it. */
export const passed = (at: string): boolean => Date.parse(at) < Date.now();

export const patchPublication = async (p: Publication, body: Schemas['PublicationPatch']) =>
  await take(api.PATCH('/api/publications/{id}', { params: { path: { id: p.id } }, headers: ifMatch(p), body: body }));
export const check = async (body: Schemas['PublishInput'], signal?: AbortSignal) =>
  (await take(api.POST('/api/publications/check', { body: body, signal }))).items ?? [];

/** Whether a person may give it another time: it has not been sent, and is not being sent. */
export const movable = (p: Publication) => (p.state === 'planned' || p.state === 'failed') && !p.sent;
export const waiting = (p: Publication) => /^(planned|leased|preparing|committing|unknown)$/.test(p.state);
/** Waits for a person. */
export const needsPerson = (p: Publication) => /^(failed|unconfirmed|manual)$/.test(p.state);
export const closed = (p: Publication) => /^(recalled|cancelled)$/.test(p.state);

export type Conflict = 'crowded' | 'paused' | 'reconnect' | 'held';
/** What stands out about plans, by id: too close on one channel, a channel that can't send, a held campaign. */
export function conflicts(list: Publication[], known: Map<string, { health: string }>): Map<string, Conflict[]> {
  const out = new Map<string, Conflict[]>();
  const add = (p: Publication, what: Conflict) => {
    const has = out.get(p.id) ?? [];
    if (!has.includes(what)) out.set(p.id, [...has, what]);
  };
  const open = list.filter(waiting).sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const last = new Map<string, Publication>();
  for (const p of open) {
    const before = last.get(p.channel);
    if (before && Date.parse(p.at) - Date.parse(before.at) < 5 * 60_000) {
      add(before, 'crowded');
      add(p, 'crowded');
    }
    last.set(p.channel, p);
    const health = known.get(p.channel)?.health;
    if (health === 'paused') add(p, 'paused');
    if (health === 'reconnect') add(p, 'reconnect');
    if (p.held) add(p, 'held');
  }
  return out;
}

/** Plans by the day of their wall clock in a zone, each day in order. */
export function byDay(list: Publication[], zone: string): Map<string, Publication[]> {
  const out = new Map<string, Publication[]>();
  for (const p of [...list].sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || (a.id < b.id ? -1 : 1))) {
    const { day } = wall(p.at, zone);
    out.set(day, [...(out.get(day) ?? []), p]);
  }
  return out;
}

/** Titles of assets by id, read fifty at a time; what is in the bin has none. */
export async function titles(
  ids: string[],
  text: (a: Asset) => string,
  known: Map<string, string>,
): Promise<Map<string, string>> {
  const out = new Map(known);
  const missing = [...new Set(ids)].filter((id) => !out.has(id));
  for (let i = 0; i < missing.length; i += 50) {
    const part = missing.slice(i, i + 50);
    const page = await take(api.GET('/api/assets', { params: { query: { q: 'id:' + part.join(','), limit: 50 } } }));
    for (const a of page.items ?? []) out.set(a.id, text(a));
  }
  return out;
}
