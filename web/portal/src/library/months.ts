import type { Count } from './facets.svelte';

/** A bar of the histogram: a month, or a year where months would be too many. */
export interface Bar {
  /** 2024-03 or 2024. */
  key: string;
  count: number;
}

const WIDEST = 48;
const next = (month: string) => {
  const [y = 0, m = 0] = month.split('-').map(Number);
  return m === 12 ? `${y + 1}-01` : `${y}-${String(m + 1).padStart(2, '0')}`;
};

/** Counts per month as bars without gaps: months, or years when there would be more than four years of them. */
export function bars(counts: Count[]): Bar[] {
  const sorted = counts.filter((c) => /^\d{4}-\d\d$/.test(c.value)).sort((a, b) => (a.value < b.value ? -1 : 1));
  const first = sorted[0]?.value,
    last = sorted.at(-1)?.value;
  if (!first || !last) return [];
  const span =
    (Number(last.slice(0, 4)) - Number(first.slice(0, 4))) * 12 + Number(last.slice(5)) - Number(first.slice(5)) + 1;
  const byYear = span > WIDEST;
  const sums = new Map<string, number>();
  for (const c of sorted) {
    const key = byYear ? c.value.slice(0, 4) : c.value;
    sums.set(key, (sums.get(key) ?? 0) + c.count);
  }
  const out: Bar[] = [];
  if (byYear)
    for (let y = Number(first.slice(0, 4)); y <= Number(last.slice(0, 4)); y++)
      out.push({ key: String(y), count: sums.get(String(y)) ?? 0 });
  else for (let m = first; m <= last; m = next(m)) out.push({ key: m, count: sums.get(m) ?? 0 });
  return out;
}

/**
 * The bars a written range covers, both included; undefined when it asks for something else than whole bars can show.
 */
export function covered(list: Bar[], text: string): [number, number] | undefined {
  const [first] = list;
  if (!first) return undefined;
  const [a = '', b = a] = text.split('..');
  if ((a && !/^\d{4}(-\d\d)?/.test(a)) || (b && !/^\d{4}(-\d\d)?/.test(b))) return undefined;
  const size = first.key.length;
  const start = a ? list.findIndex((x) => x.key >= a.slice(0, size)) : 0;
  const after = b ? list.findIndex((x) => x.key > (b.length < size ? b + '-99' : b.slice(0, size))) : list.length;
  const end = (after < 0 ? list.length : after) - 1;
  return start < 0 || end < start ? undefined : [start, end];
}

/** The bars from one to another as the server reads it; "" for all of them. */
export function written(list: Bar[], from: number, to: number): string {
  if (from === 0 && to === list.length - 1) return '';
  const a = list[from]?.key ?? '',
    b = list[to]?.key ?? '';
  return a === b ? a : `${a}..${b}`;
}
