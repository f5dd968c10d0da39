import { expect, test } from 'vitest';
import { anAsset } from '../api/fixtures';
import { same, shared } from './bulkValues';

const assets = [['a', 'b'], ['b'], []].map((tags) => anAsset({ tags, creator: 'Jo' }));

test('what the chosen assets share', () => {
  expect(shared(assets, (a) => a.tags ?? [])).toEqual([
    { value: 'b', count: 2 },
    { value: 'a', count: 1 },
  ]);
  expect(same(shared(assets, (a) => a.creator))).toBe('Jo');
  expect(same(shared([...assets, anAsset()], (a) => a.creator))).toBeUndefined();
  expect(same([])).toBe('');
});
