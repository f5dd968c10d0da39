import { expect, test } from 'vitest';
import type { Collection } from '../api/client';
import { keyed, rows } from './tree';

const c = (id: string, children = 0): Collection => ({
  id,
  name: id,
  library: 'main',
  revision: 1,
  count: 0,
  created_at: '2026-01-01T00:00:00Z',
  created_by: 'u_1',
  parent: '',
  path: [],
  children,
  description: '',
  cover: '',
  smart: false,
  favourite: false,
});
const children = new Map([
  ['', [c('clients', 2), c('press')]],
  ['clients', [c('acme', 1), c('bolt')]],
  ['acme', [c('summer')]],
]);

test('the lines of a tree are those of what is open', () => {
  const list = rows(children, new Set(['clients', 'acme']));
  expect(list.map((r) => `${r.level}${r.c.id}${r.at}/${r.of}`)).toEqual([
    '1clients1/2',
    '2acme1/2',
    '3summer1/1',
    '2bolt2/2',
    '1press2/2',
  ]);
  expect(rows(children, new Set(['acme'])).map((r) => r.c.id)).toEqual(['clients', 'press']);
});

test('keys go through a tree as the ARIA pattern says', () => {
  const open = new Set(['clients']);
  const list = rows(children, open);
  expect(keyed('ArrowDown', list, 'clients', open)).toEqual({ to: 'acme' });
  expect(keyed('ArrowUp', list, 'clients', open)).toEqual({ to: 'clients' });
  expect(keyed('End', list, 'clients', open)).toEqual({ to: 'press' });
  expect(keyed('ArrowRight', list, 'clients', open)).toEqual({ to: 'acme' });
  expect(keyed('ArrowRight', list, 'acme', open)).toEqual({ open: 'acme' });
  expect(keyed('ArrowRight', list, 'bolt', open)).toEqual({});
  expect(keyed('ArrowLeft', list, 'bolt', open)).toEqual({ to: 'clients' });
  expect(keyed('ArrowLeft', list, 'clients', open)).toEqual({ close: 'clients' });
  expect(keyed('p', list, 'acme', open)).toEqual({ to: 'press' });
  expect(keyed('F5', list, 'acme', open)).toEqual({});
});
