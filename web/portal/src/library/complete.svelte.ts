import { api, take, type Asset, type Schemas } from '../api/client';
import { catalogue } from '../api/catalogue.svelte';
import { choices, fieldLabel } from '../api/custom';
import { operators } from '../api/generated/descriptors';
import { fold, quote, read, typing } from './query';
import { session } from '../api/session.svelte';

/** A line below the search box. Picking one writes `q`, or opens `asset`. */
export interface Option {
  kind: 'field' | 'recent' | 'saved' | Exclude<Schemas['Suggestion']['field'], 'search'>;
  label: string;
  q: string;
  /** The order that goes with `q`; the one in force where there is none. */
  sort?: string;
  asset?: string;
  count?: number;
  /** What to say besides the kind. */
  note?: string;
  /** More is to be typed: the box stays open. */
  more?: boolean;
}

/** Values that are known beforehand: of each operator what is usual, or its closed list. */
const closed: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  operators
    .filter((o) => o.values.length + o.usual.length > 0)
    .map((o) => [o.name, o.usual.length ? o.usual : o.values]),
);
const names = operators.map((o) => o.name);
/** With the library's own fields. */
const values = (field: string) => closed[field] ?? choices(field);

/** Completions of field names and of values that the language itself knows; no server needed. */
export function known(q: string, caret: number): Option[] {
  const term = read(q.slice(0, caret)).terms.at(-1);
  if (!term || term.to !== caret) return [];
  const write = (from: number, text: string, more: boolean): Option => ({
    kind: 'field',
    label: text,
    q: q.slice(0, from) + text + q.slice(caret),
    more,
  });
  const minus = q[term.from] === '-' ? 1 : 0;
  const allowed = term.kind === 'field' ? values(term.field) : undefined;
  if (allowed) {
    const half = fold(term.values.at(-1) ?? '');
    const from = caret - (term.values.at(-1)?.length ?? 0);
    return allowed
      .filter((v) => fold(v).startsWith(half) && fold(v) !== half)
      .slice(0, 6)
      .map((v) => ({ ...write(from, quote(v), false), label: `${term.field}:${v}` }));
  }
  if (term.kind !== 'word') return [];
  const half = fold(q.slice(term.from + minus, caret));
  if (half.endsWith(':'))
    return (values(half.slice(0, -1)) ?? []).slice(0, 6).map((v) => write(term.from + minus, half + quote(v), false));
  if (half.length < 2) return [];
  return [...names, ...catalogue.fields.items.map((f) => f.key)]
    .filter((n) => n.startsWith(half))
    .slice(0, 3)
    .map((n) => write(term.from + minus, n + ':', true));
}

/** The field whose term is being typed, and where that begins; nothing elsewhere. */
export function termAt(q: string, caret: number): { field: string; half: string; from: number } | undefined {
  const term = read(q.slice(0, caret)).terms.at(-1);
  if (!term || term.to !== caret) return undefined;
  const isTree = (key: string) => catalogue.fields.items.some((f) => f.key === key && f.vocabulary);
  if (term.kind === 'field') {
    const half = term.values.at(-1) ?? '';
    const from = q.lastIndexOf(half, caret - half.length);
    const quoted = q[from - 1] === '"' ? 1 : 0;
    return isTree(term.field) ? { field: term.field, half, from: from - quoted } : undefined;
  }
  const word = q.slice(term.from, caret).replace(/^-/, '');
  const field = fold(word.slice(0, -1));
  return word.endsWith(':') && isTree(field) ? { field, half: '', from: caret } : undefined;
}

const termName = (s: Schemas['Suggestion']) => session.text(s.labels) || s.value;

/** What the server proposes for the words being typed. */
export async function proposed(q: string, caret: number, signal: AbortSignal): Promise<Option[]> {
  const tree = termAt(q, caret);
  if (tree) {
    const query = { q: `${tree.field}:${tree.half}` };
    const list = (await take(api.GET('/api/suggest', { params: { query }, signal }))).items ?? [];
    return list
      .filter((s) => s.field === 'term' && s.of === tree.field)
      .map((s) => ({
        kind: 'term',
        label: termName(s),
        note: fieldLabel(tree.field),
        q: q.slice(0, tree.from) + quote(termName(s)) + q.slice(caret),
      }));
  }
  const t = typing(q, caret);
  if (t.text.trim().length < 2) return [];
  const list = (await take(api.GET('/api/suggest', { params: { query: { q: t.text } }, signal }))).items ?? [];
  const ids = list.filter((s) => s.field === 'asset').map((s) => s.value);
  // The server proposes assets by their id; the titles are read in one go.
  const assets = ids.length
    ? ((
        await take(
          api.GET('/api/assets', { params: { query: { q: `id:${ids.join(',')}`, limit: ids.length } }, signal }),
        )
      ).items ?? [])
    : [];
  const out: Option[] = [];
  for (const s of list) {
    if (s.field === 'asset') {
      const a = assets.find((x) => x.id === s.value);
      if (a) out.push({ kind: 'asset', label: session.text(a.title) || a.latest.file_name, q, asset: a.id });
      continue;
    }
    const around = [q.slice(0, t.from).trim(), q.slice(t.to).trim()];
    const saved = s.field === 'search';
    // A saved search may be anything: beside other words it stays together.
    const asked = s.of ? `${s.of}:${quote(termName(s))}` : s.query;
    const own = saved && around.some(Boolean) && read(s.query).loose ? `(${s.query})` : asked;
    out.push({
      kind: s.field === 'search' ? 'saved' : s.field,
      label: s.of ? termName(s) : s.value,
      ...(s.of && { note: fieldLabel(s.of) }),
      q: [around[0], own, around[1]].filter(Boolean).join(' '),
      ...(!saved && !s.of && { count: s.count }),
    });
  }
  return out;
}
