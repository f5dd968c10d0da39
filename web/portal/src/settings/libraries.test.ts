import { expect, test } from 'vitest';
import { changeOf, draftOf } from './libraries';

const library = {
  id: 'shoes',
  revision: 1,
  name: 'Shoes',
  locale: 'en',
  locales: ['fr'],
  zone: 'UTC',
  colors: { background: '#ffffff' },
  product_terms: {},
  hosts: ['shoes.example.com'],
  quota: 2 ** 31,
  used: 0,
};

test('only what was changed is sent', () => {
  const d = draftOf(library);
  expect(d.quota).toBe(2);
  expect(changeOf(library, d)).toEqual({});
  expect(changeOf(library, { ...d, hosts: 'a.example, ,b.example', quota: 0.5, accent: '#123456' })).toEqual({
    hosts: ['a.example', 'b.example'],
    quota: 2 ** 29,
    colors: { background: '#ffffff', accent: '#123456' },
  });
  expect(changeOf(library, { ...d, zone: ' Europe/Paris ', locales: '' })).toEqual({
    zone: 'Europe/Paris',
    locales: [],
  });
});
