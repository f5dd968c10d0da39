import { expect, test } from 'vitest';
import { contrast, readable } from './accent';

test('any colour can be read on the portal', () => {
  for (const hex of ['#ffffff', '#000000', '#ffe600', '#0a0b0c', '#3b3fce', '#ff0000', '#00ff88', '#7f7f7f']) {
    const [light, dark] = [readable(hex, 'light'), readable(hex, 'dark')];
    for (const ground of [
      [255, 255, 255],
      [251, 250, 248],
      [240, 238, 234],
    ] as const)
      expect(contrast(light, ground)).toBeGreaterThanOrEqual(4.5);
    for (const ground of [
      [22, 23, 26],
      [30, 32, 36],
      [42, 45, 51],
    ] as const)
      expect(contrast(dark, ground)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(light, [255, 255, 255])).toBeGreaterThanOrEqual(4.5); // white on a button
    expect(contrast(dark, [20, 21, 46])).toBeGreaterThanOrEqual(4.5);
    // On its own soft ground, as a chosen item of the menu has it.
    const soft = (c: readonly number[], part: number, to: readonly number[]) =>
      [0, 1, 2].map((i) => (c[i] ?? 0) * part + (to[i] ?? 0) * (1 - part));
    const [l, d] = [soft(light, 0.09, [255, 255, 255]), soft(dark, 0.14, [22, 23, 26])];
    expect(contrast(light, [l[0] ?? 0, l[1] ?? 0, l[2] ?? 0])).toBeGreaterThanOrEqual(4.5);
    expect(contrast(dark, [d[0] ?? 0, d[1] ?? 0, d[2] ?? 0])).toBeGreaterThanOrEqual(4.5);
  }
  expect(readable('#1d4ed8', 'light')).toEqual([29, 78, 216]); // what can be read stays as it is
});
