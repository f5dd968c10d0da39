import { expect, test } from 'vitest';
import { addDays, addMonths, clockChange, monthOf, offsetName, validZone, wall, weekOf } from './timezone';

test('wall clocks follow their zone, also where it is not whole hours from UTC', () => {
  expect(wall('2026-03-29T00:59:59Z', 'Europe/Paris')).toEqual({
    day: '2026-03-29',
    time: '01:59',
    exact: '01:59:59',
    offset: 60,
  });
  expect(wall('2026-03-29T01:00:00Z', 'Europe/Paris')).toEqual({
    day: '2026-03-29',
    time: '03:00',
    exact: '03:00:00',
    offset: 120,
  });
  expect(wall('2026-11-22T18:30:00.5Z', 'Asia/Kathmandu')).toEqual({
    day: '2026-11-23',
    time: '00:15',
    exact: '00:15:00',
    offset: 345,
  });
  expect(offsetName(345)).toBe('UTC+5:45');
  expect(offsetName(-180)).toBe('UTC−3');
  expect(offsetName(0)).toBe('UTC');
  expect(validZone('Europe/Paris')).toBe(true);
  expect(validZone('Mars/Olympus')).toBe(false);
});

test('weeks and months have every day once, whatever the clocks do', () => {
  expect(weekOf('2026-03-29')).toEqual([
    '2026-03-23',
    '2026-03-24',
    '2026-03-25',
    '2026-03-26',
    '2026-03-27',
    '2026-03-28',
    '2026-03-29',
  ]);
  expect(weekOf('2026-03-29', 7)[0]).toBe('2026-03-29');
  const month = monthOf('2026-10-25');
  expect([month[0], month.at(-1), month.length]).toEqual(['2026-09-28', '2026-11-01', 35]);
  expect(new Set(month).size).toBe(month.length);
  expect(addMonths('2026-01-31', 1)).toBe('2026-02-01');
  expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
});

test('days on which the clocks change are known', () => {
  expect(clockChange('2026-03-29', 'Europe/Paris')).toBe(60);
  expect(clockChange('2026-10-25', 'Europe/Paris')).toBe(-60);
  expect(clockChange('2026-03-28', 'Europe/Paris')).toBe(0);
  expect(clockChange('2026-03-30', 'Europe/Paris')).toBe(0);
  expect(clockChange('2026-10-04', 'Australia/Lord_Howe')).toBe(30);
});
