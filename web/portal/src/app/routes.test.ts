import { expect, test } from 'vitest';
import { parse as parsed, search } from '../ui/router.svelte';
import { hrefOf, routes } from './routes';

const parse = (path: string, query: string) => parsed(path, query, routes);

test('every address names one screen', () => {
  expect(parse('/', '?q=boots').screen).toBe('library');
  expect(parse('/', '?q=boots').query.get('q')).toBe('boots');
  expect(parse('/assets/a_1', '')).toMatchObject({ screen: 'asset', id: 'a_1' });
  expect(parse('/people/', '').screen).toBe('people');
  expect(parse('/channels/ch_1', '')).toMatchObject({ screen: 'channels', id: 'ch_1' });
  expect(parse('/publications/pb_1', '')).toMatchObject({ screen: 'publications', id: 'pb_1' });
  expect(parse('/publications', '').screen).toBe('unknown');
  expect(parse('/people/u_1', '').screen).toBe('unknown');
  expect(parse('/assets/a_1/x', '').screen).toBe('unknown');
  expect(parse('/nonsense', '').screen).toBe('unknown');
});

test('empty parameters leave no trace in the address', () => {
  expect(search({ q: '', status: '' })).toBe('');
  expect(search({ q: 'red boots', status: 'draft', sort: '' })).toBe('?q=red+boots&status=draft');
});

test('screens, addresses and keys stand in the table once', () => {
  for (const of of [routes.map((r) => r.screen), routes.map((r) => hrefOf(r)), routes.flatMap((r) => r.key ?? [])]) {
    expect(new Set(of).size).toBe(of.length);
  }
});
