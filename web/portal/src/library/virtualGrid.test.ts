import { expect, test } from 'vitest';
import { layout, logical, move, pages, physical, reveal, visible } from './virtualGrid';

test('the columns fill the width', () => {
  const l = layout(1184, 100, 180);
  expect(l.columns).toBe(6);
  expect(l.cell * l.columns + 16 * 5).toBeCloseTo(1184);
  expect(l.height).toBe(Math.ceil(100 / 6) * l.rowHeight);
});

test('a phone still shows two columns', () => expect(layout(340, 10, 240).columns).toBe(2));

test('only what is near the view is drawn, wherever it is', () => {
  const l = layout(1184, 100_000, 180);
  for (const top of [0, 5_000, l.height / 2, l.height - 800]) {
    const w = visible(l, 100_000, top, 800);
    expect(w.last - w.first).toBeLessThan(60);
    expect(w.first * 1).toBeLessThanOrEqual(Math.floor(top / l.rowHeight) * l.columns);
    expect(w.last).toBeGreaterThanOrEqual(Math.min(100_000, Math.floor((top + 800) / l.rowHeight) * l.columns));
  }
});

test('the end of three million assets can be reached', () => {
  const l = layout(1184, 3_000_000, 180);
  expect(l.track).toBeLessThan(33_000_000);
  const end = l.track - 800;
  expect(logical(l, 800, end)).toBeCloseTo(l.height - 800);
  expect(physical(l, 800, logical(l, 800, 12_345))).toBeCloseTo(12_345);
  expect(visible(l, 3_000_000, logical(l, 800, end), 800).last).toBe(3_000_000);
});

test('pages cover the range and nothing more', () => {
  expect(pages(150, 410, 200)).toEqual([0, 1, 2]);
  expect(pages(0, 200, 200)).toEqual([0]);
  expect(pages(0, 0, 200)).toEqual([]);
});

test('keys move inside the grid', () => {
  expect(move('ArrowDown', 0, 20, 6, 3)).toBe(6);
  expect(move('ArrowDown', 15, 20, 6, 3)).toBe(19);
  expect(move('ArrowDown', 19, 20, 6, 3)).toBe(19);
  expect(move('ArrowUp', 3, 20, 6, 3)).toBe(3);
  expect(move('End', 3, 20, 6, 3)).toBe(19);
  expect(move('Home', 13, 20, 6, 3)).toBe(0);
  expect(move('PageDown', 1, 200, 6, 3)).toBe(19);
  expect(move('a', 1, 20, 6, 3)).toBeUndefined();
  expect(move('End', 0, 0, 6, 3)).toBeUndefined();
});

test('reveal moves as little as it can', () => {
  const l = layout(1184, 1000, 180);
  expect(reveal(l, 0, 0, 800)).toBe(0);
  expect(reveal(l, 0, 500, 800)).toBe(0);
  expect(reveal(l, 999, 0, 800)).toBe(l.height - 800);
});
