import { expect, test } from 'vitest';
import type { Asset } from './api';
import { same, shared } from './mixed';

const assets = [{ tags: ['a', 'b'], creator: 'Jo' }, { tags: ['b'], creator: 'Jo' }, { tags: [], creator: 'Jo' }] as unknown as Asset[];

test('what the chosen assets share', () => {
  expect(shared(assets, (a) => a.tags ?? [])).toEqual([{ value: 'b', count: 2 }, { value: 'a', count: 1 }]);
  expect(same(shared(assets, (a) => a.creator))).toBe('Jo');
  expect(same(shared([...assets, {} as Asset], (a) => a.creator))).toBeUndefined();
  expect(same([])).toBe('');
});
