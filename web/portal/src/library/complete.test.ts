import { expect, test } from 'vitest';
import { known } from './complete.svelte';

test('names and closed values complete themselves', () => {
  expect(known('robe sta', 8)).toEqual([{ kind: 'field', label: 'status:', q: 'robe status:', more: true }]);
  expect(known('robe -sta', 9)[0]?.q).toBe('robe -status:');
  expect(known('status:ap', 9).map((o) => o.q)).toEqual(['status:approved']);
  expect(known('status:draft,re tail', 15).map((o) => o.q)).toEqual(['status:draft,rejected tail']);
  expect(known('orientation:', 12).map((o) => o.label)).toEqual([
    'orientation:landscape',
    'orientation:portrait',
    'orientation:square',
  ]);
  expect(known('"sta', 4)).toEqual([]);
  expect(known('robe ', 5)).toEqual([]);
});
