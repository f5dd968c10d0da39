import { expect, test } from 'vitest';
import { above, tree } from './facets.svelte';
import { bars, covered, written } from './months';

test('levels of tags are one tree', () => {
  const t = tree(
    {
      'tag:/': [
        { value: 'Nature', count: 9, below: true },
        { value: 'city', count: 3 },
      ],
      'tag:Nature': [{ value: 'nature/forest', count: 5, below: true }],
    },
    'tag',
  );
  expect(t).toEqual([
    {
      value: 'Nature',
      name: 'Nature',
      count: 9,
      more: true,
      below: [{ value: 'nature/forest', name: 'forest', count: 5, more: true, below: [] }],
    },
    { value: 'city', name: 'city', count: 3, more: false, below: [] },
  ]);
  expect(above('a/b/c')).toEqual(['a', 'a/b']);
  expect(above('a')).toEqual([]);
});

test('months without gaps; years when there are many', () => {
  const few = bars([
    { value: '2024-02', count: 4 },
    { value: '2023-11', count: 1 },
  ]);
  expect(few.map((b) => `${b.key}:${b.count}`)).toEqual(['2023-11:1', '2023-12:0', '2024-01:0', '2024-02:4']);
  const many = bars([
    { value: '2012-02', count: 4 },
    { value: '2024-11', count: 1 },
    { value: '2012-07', count: 2 },
  ]);
  expect([many.length, many[0]]).toEqual([13, { key: '2012', count: 6 }]);
});

test('a range of bars is written, and read again', () => {
  const list = bars([
    { value: '2023-11', count: 1 },
    { value: '2024-06', count: 4 },
  ]);
  expect(written(list, 1, 3)).toBe('2023-12..2024-02');
  expect(covered(list, '2023-12..2024-02')).toEqual([1, 3]);
  expect(written(list, 2, 2)).toBe('2024-01');
  expect(written(list, 0, list.length - 1)).toBe('');
  expect(covered(list, '2024')).toEqual([2, 7]);
  expect(covered(list, '..2023-12-24')).toEqual([0, 1]);
  expect(covered(list, '7d')).toBeUndefined();
  expect(covered(list, '2030')).toBeUndefined();
});
