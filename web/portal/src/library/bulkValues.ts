import type { Asset } from '../api/client';

/** A value that some of the chosen assets have, and how many of them. */
export interface Shared {
  value: string;
  count: number;
}

/** Counts the values of a field over assets, the most frequent first; "" counts those without. */
export function shared(assets: Asset[], read: (a: Asset) => string | string[] | undefined): Shared[] {
  const counts = new Map<string, number>();
  for (const a of assets) {
    const v = read(a);
    for (const x of Array.isArray(v) ? v : [v ?? '']) counts.set(x, (counts.get(x) ?? 0) + 1);
  }
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
}

/** The one value that all have; undefined when they differ. */
export const same = (list: Shared[]): string | undefined => (list.length > 1 ? undefined : (list[0]?.value ?? ''));
