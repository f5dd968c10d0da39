import { expect, test } from 'vitest';
import { mediaNames } from './licences';

test('an unknown medium keeps its name', () => {
  expect(mediaNames(['radio'])).toBe('radio');
});
