import { expect, test } from 'vitest';
import { decimal, minorUnits, withPrice } from './offers';

test('amounts have the digits of their currency', () => {
  expect(decimal({ amount: 5, currency: 'EUR' })).toBe('0.05');
  expect(decimal({ amount: 1500, currency: 'JPY' })).toBe('1500');
  expect(minorUnits('19,9', 'EUR')).toBe(1990);
  expect(minorUnits('1.234', 'KWD')).toBe(1234);
  expect(minorUnits('1500', 'JPY')).toBe(1500);
  for (const text of ['1.999', '', 'x', '-1', '1e3']) expect(minorUnits(text, 'EUR')).toBeUndefined();
});

test('a price takes the place of that of the same currency and day', () => {
  const list = [
    { amount: 1, currency: 'EUR' },
    { amount: 2, currency: 'EUR', from: '2026-06-01' },
  ];
  expect(withPrice(list, { amount: 3, currency: 'EUR' }).map((p) => p.amount)).toEqual([2, 3]);
  expect(withPrice(list, { amount: 3, currency: 'USD' })).toHaveLength(3);
});
