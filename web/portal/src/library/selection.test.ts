import { expect, test } from 'vitest';
import { Selection } from './selection.svelte';

test('single choices and ranges', () => {
  const s = new Selection();
  s.toggle('a');
  s.add(['b', 'c']);
  expect([s.has('a'), s.has('c'), s.has('d')]).toEqual([true, true, false]);
  expect(s.count(100)).toBe(3);
  s.toggle('b');
  expect(s.has('b')).toBe(false);
});

test('everything is a query with exceptions', () => {
  const s = new Selection();
  s.toggle('a');
  s.everything();
  expect(s.count(98_412)).toBe(98_412);
  s.toggle('x');
  expect([s.has('x'), s.has('y')]).toEqual([false, true]);
  expect(s.count(98_412)).toBe(98_411);
  s.add(['x']);
  expect(s.count(98_412)).toBe(98_412);
  s.clear();
  expect(s.count(98_412)).toBe(0);
});
