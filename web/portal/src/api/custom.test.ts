import { expect, test } from 'vitest';
import { keyOf, lines } from './custom';

test('a key is made of a label', () => {
  expect(keyOf('Été 2024: Saison')).toBe('ete_2024_saison');
  expect(keyOf('2nd season!')).toBe('nd_season');
  expect(keyOf('***')).toBe('');
});

test('lines are values, once each', () => {
  expect(lines(' spring \n\nsummer\nspring\n')).toEqual(['spring', 'summer']);
});
