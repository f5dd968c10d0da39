import { expect, test } from 'vitest';
import { catalogue } from '../api/catalogue.svelte';
import { known, termAt } from './complete.svelte';

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

test('terms are completed behind the name of their field', () => {
  catalogue.fields.list.value = [{ key: 'material', type: 'tree', vocabulary: 'vb_1' }];
  expect(termAt('robe material:', 14)).toEqual({ field: 'material', half: '', from: 14 });
  expect(termAt('material:oa robe', 11)).toEqual({ field: 'material', half: 'oa', from: 9 });
  expect(termAt('-material:oa', 12)).toEqual({ field: 'material', half: 'oa', from: 10 });
  expect(termAt('material:oak,be', 15)).toEqual({ field: 'material', half: 'be', from: 13 });
  expect(termAt('material:"oak tr', 16)).toEqual({ field: 'material', half: 'oak tr', from: 9 });
  expect(termAt('status:', 7)).toBeUndefined();
  expect(termAt('oak', 3)).toBeUndefined();
});
