import { expect, test } from 'vitest';
import { touches } from './impact';

test('what a change touches is counted before it is made', () => {
  const nothing = { hidden_count: 0, publications_count: 0, slots_count: 0 };
  expect(touches(nothing)).toBe(false);
  expect(touches({ ...nothing, publications_count: 3 })).toBe(true);
});
