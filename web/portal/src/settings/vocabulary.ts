import type { Schemas } from '../api/client';

export type Term = Schemas['Term'];

/** One line of the tree as it is shown, with its place as ARIA counts it. */
export interface Row {
  term: Term;
  level: number;
  at: number;
  of: number;
}

/** The lines of a tree: a term, then what is below it if it is open. */
export function rows(children: ReadonlyMap<string, readonly Term[]>, open: ReadonlySet<string>): Row[] {
  // Levels are read one by one: a term that moved meanwhile may be in two, and is shown once.
  const seen = new Set<string>();
  const below = (parent: string, level: number): Row[] => {
    const list = (children.get(parent) ?? []).filter((term) => !seen.has(term.id));
    for (const term of list) seen.add(term.id);
    return list.flatMap((term, i) => [
      { term, level, at: i + 1, of: list.length },
      ...(open.has(term.id) ? below(term.id, level + 1) : []),
    ]);
  };
  return below('', 1);
}

/** What a key does in the tree, after the ARIA pattern. */
export function keyed(
  key: string,
  list: readonly Row[],
  current: string,
  open: ReadonlySet<string>,
): { to?: string; open?: string; close?: string } {
  const i = list.findIndex((r) => r.term.id === current);
  const row = list[i];
  const to = (n: number) => {
    const there = list[Math.min(Math.max(n, 0), list.length - 1)];
    return there ? { to: there.term.id } : {};
  };
  if (!row) return to(0);
  if (key === 'ArrowDown') return to(i + 1);
  if (key === 'ArrowUp') return to(i - 1);
  if (key === 'Home') return to(0);
  if (key === 'End') return to(list.length - 1);
  if (key === 'ArrowRight' && row.term.children) return open.has(current) ? to(i + 1) : { open: current };
  if (key === 'ArrowLeft')
    return open.has(current) ? { close: current } : row.term.parent ? { to: row.term.parent } : {};
  return {};
}

/** Synonyms as they are typed: one per line. */
export const words = (text: string): string[] => [
  ...new Set(
    text
      .split('\n')
      .map((w) => w.trim())
      .filter(Boolean),
  ),
];
