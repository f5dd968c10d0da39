import { expect, test } from 'vitest';
import { aJob } from '../api/fixtures';
import { chosenBy, exportOf, undoable } from './job';
import { Selection } from './selection.svelte';

test('everything is sent as its query, single choices as themselves', () => {
  const s = new Selection();
  const f = { q: 'tag:x', sort: 'title', bin: false };
  s.toggle('a_1');
  s.toggle('a_2');
  expect(chosenBy(s, f)).toEqual({ filter: { assets: ['a_1', 'a_2'] } });
  s.everything();
  expect(chosenBy(s, f)).toEqual({ filter: { q: 'tag:x' } });
  s.toggle('a_3');
  expect(chosenBy(s, { ...f, bin: true })).toEqual({ filter: { q: 'tag:x', bin: true }, except: ['a_3'] });
});

test('a job is undone once, in its time, and an undo not at all', () => {
  const j = aJob({ undo_until: '2026-03-01T10:10:00Z' });
  const at = Date.parse('2026-03-01T10:05:00Z');
  expect(undoable(j, at)).toBe(true);
  expect(undoable(j, at + 600_000)).toBe(false);
  expect(undoable({ ...j, undone_by: 'b_2' }, at)).toBe(false);
  expect(undoable({ ...j, undoes: 'b_0' }, at)).toBe(false);
  expect(undoable({ ...j, state: 'running' }, at)).toBe(false);
});

test('an export is the same choice as a query', () => {
  const s = new Selection();
  const f = { q: 'a OR b', sort: 'title', bin: false };
  s.toggle('a_1');
  expect(new URLSearchParams(exportOf(s, f, 'csv').split('?')[1]).get('q')).toBe('id:a_1');
  s.everything();
  expect(exportOf(s, f, 'xlsx')).toBe('/api/assets/export?q=a+OR+b&sort=title&format=xlsx');
  s.toggle('a_2');
  expect(new URLSearchParams(exportOf(s, f, 'csv').split('?')[1]).get('q')).toBe('(a OR b) -id:a_2');
  s.clear();
  for (let i = 0; i < 100; i++) s.toggle(`a_${String(i).padStart(26, '0')}`);
  expect(exportOf(s, f, 'csv')).toBe('');
});
