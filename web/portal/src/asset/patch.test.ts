import { expect, test } from 'vitest';
import { anAsset } from '../api/fixtures';
import { applied, changes, clashes, inverse, type Patch } from './patch';

const asset = anAsset({
  title: { en: 'Boots', fr: 'Bottes' },
  tags: ['x'],
  rights: { from: '2026-01-01' },
  creator: 'Jo',
});

test('a patch is applied and taken back', () => {
  const patch: Patch = {
    title: { fr: 'Bottines', de: 'Stiefel' },
    rights: { until: '2026-12-31' },
    tags: ['x', 'y'],
    focal: { x: 0.2, y: 0.3 },
  };
  const after = applied(asset, patch);
  expect(after.title).toEqual({ en: 'Boots', fr: 'Bottines', de: 'Stiefel' });
  const back = inverse(asset, patch);
  expect(back).toEqual({ title: { fr: 'Bottes', de: null }, rights: { until: null }, tags: ['x'], focal: null });
  expect(applied(after, back)).toEqual(asset);
});

test('only a different value of the same field is a clash', () => {
  const now = { ...asset, title: { en: 'Boots', fr: 'Souliers' }, creator: 'Al' };
  expect(clashes(asset, now, { title: { fr: 'Bottines' } })).toEqual([
    { field: 'title.fr', mine: 'Bottines', theirs: 'Souliers' },
  ]);
  expect(clashes(asset, now, { title: { en: 'Shoes' } })).toEqual([]);
  expect(clashes(asset, now, { creator: 'Al' })).toEqual([]);
  expect(clashes(asset, now, { tags: ['z'] })).toEqual([]);
});

test('writing what is there already is no change', () => {
  expect(changes(asset, { title: { fr: 'Bottes' } })).toBe(false);
  expect(changes(asset, { caption: { en: null } })).toBe(false);
  expect(changes(asset, { copyright: '' })).toBe(false);
  expect(changes(asset, { title: { fr: null } })).toBe(true);
  expect(changes(asset, { creator: '' })).toBe(true);
  expect(changes(asset, { custom: { price: 0 } })).toBe(true);
  expect(applied(asset, { custom: { price: 0, season: null } })).toMatchObject({ custom: { price: 0 } });
});
