import { expect, test } from 'vitest';
import { correction } from './queryError';

test('a mistake is cut out by characters, and mended where the server knows how', () => {
  const name = correction('🌳 colr:red x', {
    params: { better: 'color' },
    errors: [{ location: 'q', message: 'there is no field “colr”', offset: 2, length: 4 }],
  });
  expect([name.before, name.wrong, name.after, name.fixed]).toEqual(['🌳 ', 'colr', ':red x', '🌳 color:red x']);
  const value = correction('status:aproved', {
    params: { better: 'approved' },
    errors: [{ location: 'q', message: '', offset: 7, length: 7 }],
  });
  expect(value.fixed).toBe('status:approved');
  const other = correction('(a', {
    remedy: 'Add ) where the group ends.',
    errors: [{ location: 'q', message: '', length: 1 }],
  });
  expect([other.wrong, other.fixed]).toEqual(['(', '']);
});
