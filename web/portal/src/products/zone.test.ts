import { expect, it } from 'vitest';
import { instantIn, wallIn } from './zone';

it('reads a wall clock in its zone, also where the clock changes', () => {
  const at = (zone: string, wall: string) => instantIn(zone, wall).toISOString().slice(0, 16);
  expect(at('Europe/Paris', '2026-01-15T14:30')).toBe('2026-01-15T13:30');
  expect(at('Europe/Paris', '2026-07-15T14:30')).toBe('2026-07-15T12:30');
  expect(at('Asia/Kathmandu', '2026-07-15T00:10')).toBe('2026-07-14T18:25');
  expect(at('Europe/Paris', '2026-10-25T02:30')).toBe('2026-10-25T00:30'); // twice: the first
  expect(at('Europe/Paris', '2026-03-29T02:30')).toBe('2026-03-29T01:30'); // never: behind the gap, 03:30
  expect(wallIn('Asia/Kathmandu', new Date('2026-07-14T18:25:00Z'))).toBe('2026-07-15T00:10');
});
