import { expect, test } from 'vitest';
import { attributesOf, fieldsOf, type Family } from './families';

const family: Family = {
  key: 'chairs',
  library: 'main',
  revision: 1,
  labels: { en: 'Chairs' },
  attributes: [{ key: 'height', labels: { en: 'Height', fr: 'Hauteur' }, type: 'number', unit: 'cm', required: true }],
  slots: ['hero'],
  products: 0,
  created_at: '',
  created_by: '',
  updated_at: '',
};

test('a family that is opened and saved is the same', () => {
  const draft = { labels: { ...family.labels }, attributes: attributesOf(family, 'en'), slots: 'hero' };
  expect(fieldsOf(draft, family, 'en')).toEqual({
    labels: family.labels,
    attributes: family.attributes,
    slots: family.slots,
  });
});

test('members of another type, blank rows and blank labels are left out', () => {
  const made = fieldsOf(
    {
      labels: { en: ' Lamps ', fr: '  ' },
      attributes: [
        { key: ' watts ', label: '', type: 'text', unit: 'W', vocabulary: 'voc_1', required: false },
        { key: ' ', label: 'x', type: 'text', unit: '', vocabulary: '', required: true },
      ],
      slots: 'hero,  back;detail',
    },
    undefined,
    'en',
  );
  expect(made).toEqual({
    labels: { en: 'Lamps' },
    attributes: [{ key: 'watts', labels: {}, type: 'text' }],
    slots: ['hero', 'back', 'detail'],
  });
});
