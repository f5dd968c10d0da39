import { expect, test } from 'vitest';
import { aPublication } from '../api/fixtures';
import { byDay, conflicts, movable, type Publication } from './publishing';

const plan = (id: string, at: string, more: Partial<Publication> = {}): Publication =>
  aPublication({ id, at, ...more });

test('plans too close on one channel, and channels that cannot send, are told', () => {
  const list = [
    plan('1', '2026-05-01T10:00:00Z'),
    plan('2', '2026-05-01T10:04:00Z'),
    plan('3', '2026-05-01T10:09:30Z'),
    plan('4', '2026-05-01T10:04:00Z', { channel: 'd', held: true }),
    plan('5', '2026-05-01T10:00:00Z', { state: 'cancelled' }),
  ];
  const found = conflicts(
    list,
    new Map([
      ['c', { health: 'healthy' }],
      ['d', { health: 'paused' }],
    ]),
  );
  expect([...found.keys()].sort()).toEqual(['1', '2', '4']);
  expect(found.get('1')).toEqual(['crowded']);
  expect(found.get('4')).toEqual(['paused', 'held']);
});

test('a plan is on the day that the clocks of the zone show', () => {
  const list = [plan('late', '2026-05-01T22:30:00Z'), plan('early', '2026-05-01T04:00:00Z')];
  expect([...byDay(list, 'Europe/Paris').keys()].sort()).toEqual(['2026-05-01', '2026-05-02']);
  expect(
    byDay(list, 'UTC')
      .get('2026-05-01')
      ?.map((p) => p.id),
  ).toEqual(['early', 'late']);
});

test('what has been sent, or is being sent, does not move', () => {
  expect(movable(plan('1', '2026-05-01T10:00:00Z'))).toBe(true);
  expect(movable(plan('1', '2026-05-01T10:00:00Z', { state: 'failed' }))).toBe(true);
  expect(movable(plan('1', '2026-05-01T10:00:00Z', { state: 'committing' }))).toBe(false);
  expect(movable(plan('1', '2026-05-01T10:00:00Z', { sent: 1 }))).toBe(false);
});
