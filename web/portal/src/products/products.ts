import { scope } from '../api/scope';
import { ended } from '../i18n/format';
import { m } from '../i18n/paraglide/messages';
import { session } from '../api/session.svelte';
import { api, failureOf, Failure, randomKey, take, type Asset, type Schemas } from '../api/client';

export type Place = Pick<Schemas['Slot'], 'slot' | 'n'>;
export type Slot = Schemas['Slot'];
export type Product = Schemas['Product'];
/** One change of one place: an asset into it, or '' to empty it. */
export type Step = Pick<Schemas['Slot'], 'slot' | 'n' | 'asset'>;
export type Import = Schemas['ProductImport'];

const same = (a: Place, b: Place) => a.slot === b.slot && a.n === b.n;
export const inPlace = (p: Pick<Product, 'slots'>, at: Place) => p.slots.find((s) => same(s, at))?.asset ?? '';

/** The places to show, slot by slot: those that are taken, and the first free one. */
export function shelves(p: Pick<Product, 'slots'>, names: string[]): { slot: string; places: Place[] }[] {
  const own = [...new Set(p.slots.map((s) => s.slot))].filter((s) => !names.includes(s)).sort();
  return [...names, ...own].map((slot) => {
    const taken = p.slots.filter((s) => s.slot === slot).map((s) => s.n);
    let free = 1;
    while (taken.includes(free)) free++;
    return { slot, places: [...taken, free].sort((a, b) => a - b).map((n) => ({ slot, n })) };
  });
}

/** What puts an asset into a place. Coming from another place of the product it changes places with what is there. */
export function placing(p: Pick<Product, 'slots'>, asset: string, to: Place, from?: Place): Step[] {
  if (from && same(from, to)) return [];
  const there = inPlace(p, to);
  const into = { ...to, asset };
  return from ? [into, { slot: from.slot, n: from.n, asset: there }] : there === asset ? [] : [into];
}

/** What takes steps back, on the product as it was before them. */
export const undoing = (before: Pick<Product, 'slots'>, steps: Step[]): Step[] =>
  steps.map((s) => ({ slot: s.slot, n: s.n, asset: inPlace(before, s) })).reverse();

/** Assets by id, as many as there are: what was purged is missing. */
export async function assetsByID(ids: string[]): Promise<Map<string, Asset>> {
  const FITS = 40; // ids into one query
  const wanted = [...new Set(ids)];
  const found = new Map<string, Asset>();
  for (let i = 0; i < wanted.length; i += FITS) {
    const page = await take(
      api.GET('/api/assets', { params: { query: { q: `id:${wanted.slice(i, i + FITS).join(',')}`, limit: FITS } } }),
    );
    for (const a of page.items ?? []) found.set(a.id, a);
  }
  return found;
}

/** Uploads a file and says which asset it is; a file the library has already is that asset. */
export async function uploadOne(file: File): Promise<string> {
  const form = new FormData();
  form.append('file', file);
  const response = await fetch('/api/assets', {
    method: 'POST',
    body: form,
    headers: { 'Idempotency-Key': randomKey(), ...scope.headers() },
  });
  if (response.ok) {
    const made: Schemas['Uploaded'] = await response.json();
    return made.asset.id;
  }
  const failure = failureOf(await response.json().catch(() => undefined), response);
  if (failure.problem.duplicate) return failure.problem.duplicate.asset;
  throw failure;
}

/** Sends a file of products; the job that reads it is the answer. encoding is '' for UTF-8 and UTF-16. */
export async function startImport(file: Blob & { name?: string }, dry: boolean, encoding = ''): Promise<Import> {
  const jsonl = /\.(jsonl|ndjson)$/i.test(file.name ?? '');
  let response: Response;
  try {
    response = await fetch(`/api/products/import?dry_run=${dry}&encoding=${encodeURIComponent(encoding)}`, {
      method: 'POST',
      body: file,
      headers: {
        'Content-Type': jsonl ? 'application/jsonl' : 'text/csv',
        'Idempotency-Key': randomKey(),
        ...scope.headers(),
      },
    });
  } catch (e) {
    throw new Failure({ code: 'offline', detail: String(e) });
  }
  if (!response.ok) throw failureOf(await response.json().catch(() => undefined), response);
  return response.json();
}

/** How a place stands: what the public sees of its asset, as far as the asset itself tells. */
export type PlaceState = 'shown' | 'review' | 'unapproved' | 'ended';
export function placeState(a: Asset, wall: string): PlaceState {
  if (a.live) return ended(a.rights.until, wall) ? 'ended' : 'shown';
  if (a.latest.status === 'archived') return 'ended';
  return a.latest.status === 'in_review' ? 'review' : 'unapproved';
}

/** What a product is to others, with what it has from its parent. */
export function relationsOf(p: Product): { name: string; text: string; inherited: boolean }[] {
  const text = { brand: p.brand_label, category: p.category_label };
  return (
    [
      ['family', m.family()],
      ['brand', m.brand()],
      ['category', m.category()],
      ['launch', m.product_launch()],
      ['end', m.product_end()],
    ] as const
  ).flatMap(([field, name]) => {
    const value = p[field] || p.inherited?.[field];
    if (!value) return [];
    const label = field === 'brand' || field === 'category' ? text[field] : undefined;
    return [{ name, text: (label && session.text(label)) || value, inherited: !p[field] }];
  });
}

/** Where a product isn't as its family has it, one line each. */
export const gapsOf = (g: NonNullable<Product['gaps']>): string[] =>
  (
    [
      [g.missing, m.gap_missing],
      [g.unknown, m.gap_unknown],
      [g.wrong, m.gap_wrong],
      [g.slots, m.gap_slots],
    ] as const
  ).flatMap(([list, say]) => (list?.length ? [say({ list: list.join(', ') })] : []));
