import type { Collection } from '../api/client';

/** One line of the tree as it is shown. */
export interface Row {
  c: Collection;
  /** From 1, as aria-level counts. */
  level: number;
  /** Its place among its siblings, from 1, and how many there are. */
  at: number;
  of: number;
}

export const TOP = '';

/** Where a collection is: the names of those above it. */
export const above = (c: Collection) => (c.path ?? []).map((p) => p.name).join(' / ');

/** The lines of a tree: a collection, then what is in it if it is open. */
export function rows(
  children: ReadonlyMap<string, readonly Collection[]>,
  open: ReadonlySet<string>,
  parent = TOP,
  level = 1,
): Row[] {
  const list = children.get(parent) ?? [];
  return list.flatMap((c, i) => [
    { c, level, at: i + 1, of: list.length },
    ...(open.has(c.id) ? rows(children, open, c.id, level + 1) : []),
  ]);
}

/** What a key does in a tree, after the ARIA pattern: where the focus goes, and what opens or closes. */
export function keyed(
  key: string,
  list: readonly Row[],
  current: string,
  open: ReadonlySet<string>,
): { to?: string; open?: string; close?: string } {
  const i = list.findIndex((r) => r.c.id === current);
  const row = list[i];
  if (!row) return { to: list[0]?.c.id };
  const at = (n: number) => ({ to: list[Math.min(Math.max(n, 0), list.length - 1)]?.c.id });
  switch (key) {
    case 'ArrowDown':
      return at(i + 1);
    case 'ArrowUp':
      return at(i - 1);
    case 'Home':
      return at(0);
    case 'End':
      return at(list.length - 1);
    case 'ArrowRight':
      if (!row.c.children) return {};
      return open.has(row.c.id) ? at(i + 1) : { open: row.c.id };
    case 'ArrowLeft':
      if (open.has(row.c.id)) return { close: row.c.id };
      for (let up = i - 1; up >= 0; up--) {
        const r = list[up];
        if (r && r.level < row.level) return { to: r.c.id };
      }
      return {};
  }
  // A letter goes to the next one that begins with it.
  if (key.length !== 1) return {};
  const begins = (r: Row) => r.c.name.toLocaleLowerCase().startsWith(key.toLocaleLowerCase());
  const next = [...list.slice(i + 1), ...list.slice(0, i + 1)].find(begins);
  return next ? { to: next.c.id } : {};
}
