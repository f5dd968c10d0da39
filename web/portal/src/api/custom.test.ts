import { expect, test } from 'vitest';
import { applies, grouped, keyOf, lines, type CustomField } from './custom';

test('a key is made of a label', () => {
  expect(keyOf('Été 2024: Saison')).toBe('ete_2024_saison');
  expect(keyOf('2nd season!')).toBe('nd_season');
  expect(keyOf('***')).toBe('');
});

test('lines are values, once each', () => {
  expect(lines(' spring \n\nsummer\nspring\n')).toEqual(['spring', 'summer']);
});

test('fields stand under their headings, in their order', () => {
  const f = (key: string, group?: string): CustomField => ({
    key,
    type: 'text',
    ...(group && { group: { en: group } }),
  });
  const got = grouped(
    [f('a'), f('b', 'Print'), f('c', 'Print'), f('d'), f('e', 'Print')],
    (x) => x.group?.['en'] ?? '',
  );
  expect(got.map((g) => [g.name, g.fields.map((x) => x.key).join('')])).toEqual([
    ['', 'a'],
    ['Print', 'bc'],
    ['', 'd'],
    ['Print', 'e'],
  ]);
});

test('an asset has the fields of its kind and its collections', () => {
  const video: CustomField = { key: 'dub', type: 'text', kinds: ['video'] };
  const fair: CustomField = { key: 'stand', type: 'text', collections: ['c_1', 'c_2'] };
  expect(applies(video, { kind: 'image' })).toBe(false);
  expect(applies(video, { kind: 'video' })).toBe(true);
  expect(applies(fair, { kind: 'image', collections: ['c_2'] })).toBe(true);
  expect(applies(fair, { kind: 'image' })).toBe(false);
});
