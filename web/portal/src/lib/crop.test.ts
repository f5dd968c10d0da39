import { expect, test } from 'vitest';
import { cropPosition, nudge } from './crop';

test('a crop follows the focal point until the edge', () => {
  expect(cropPosition(2000, 1000, 1, { x: 0.5, y: 0.5 })).toEqual({ x: 50, y: 50 });
  expect(cropPosition(2000, 1000, 1, { x: 0.1, y: 0.5 }).x).toBe(0);
  expect(cropPosition(2000, 1000, 1, { x: 0.95, y: 0.5 }).x).toBe(100);
  expect(cropPosition(2000, 1000, 1, { x: 0.4, y: 0.9 }).x).toBeCloseTo(30);
  expect(cropPosition(1000, 2000, 2, { x: 0.5, y: 0.9 }).y).toBe(100);
});

test('arrow keys move the point and stop at the edge', () => {
  expect(nudge({ x: 0.5, y: 0.5 }, 'ArrowLeft', false)).toEqual({ x: 0.48, y: 0.5 });
  expect(nudge({ x: 0.5, y: 0.95 }, 'ArrowDown', true)).toEqual({ x: 0.5, y: 1 });
  expect(nudge({ x: 0.5, y: 0.5 }, 'a', false)).toBeUndefined();
});
