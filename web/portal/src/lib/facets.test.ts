import { expect, test } from 'vitest';
import { tree } from './facets.svelte';
import { bars, covered, written } from './months';

test('tags hang on their branches, whichever comes first', () => {
  const t = tree([{ value: 'nature/forest', count: 5 }, { value: 'nature', count: 9 }, { value: 'City', count: 3 }, { value: 'city/night', count: 1 }]);
  expect(t.map((b) => [b.name, b.count, b.below.map((x) => `${x.value} ${x.count}`)])).toEqual([
    ['nature', 9, ['nature/forest 5']], ['City', 3, ['city/night 1']],
  ]);
});

test('months without gaps; years when there are many', () => {
  const few = bars([{ value: '2024-02', count: 4 }, { value: '2023-11', count: 1 }]);
  expect(few.map((b) => `${b.key}:${b.count}`)).toEqual(['2023-11:1', '2023-12:0', '2024-01:0', '2024-02:4']);
  const many = bars([{ value: '2012-02', count: 4 }, { value: '2024-11', count: 1 }, { value: '2012-07', count: 2 }]);
  expect([many.length, many[0]]).toEqual([13, { key: '2012', count: 6 }]);
});

test('a range of bars is written, and read again', () => {
  const list = bars([{ value: '2023-11', count: 1 }, { value: '2024-06', count: 4 }]);
  expect(written(list, 1, 3)).toBe('2023-12..2024-02');
  expect(covered(list, '2023-12..2024-02')).toEqual([1, 3]);
  expect(written(list, 2, 2)).toBe('2024-01');
  expect(written(list, 0, list.length - 1)).toBe('');
  expect(covered(list, '2024')).toEqual([2, 7]);
  expect(covered(list, '..2023-12-24')).toEqual([0, 1]);
  expect(covered(list, '7d')).toBeUndefined();
  expect(covered(list, '2030')).toBeUndefined();
});
