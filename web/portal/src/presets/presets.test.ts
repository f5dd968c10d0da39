import { expect, it } from 'vitest';
import { cleaned, fresh, fromYAML, toYAML, Unreadable } from './presets';

it('writes and reads a preset as a file', () => {
  const p = {
    ...fresh(),
    name: 'hero',
    dpr: [2],
    max_bytes: 500000,
    focal: { x: 0.5, y: 0 },
    watermark: { asset: 'a_1', position: 'bottom-right', opacity: 0.6, scale: 0.2 },
  };
  expect(toYAML(p).split('\n').slice(0, 4)).toEqual(['name: hero', 'width: 1200', 'height: 800', 'fit: cover']);
  expect(cleaned(fromYAML(toYAML(p)))).toEqual(cleaned(p));
});
it('leaves out what says nothing', () => {
  expect(
    cleaned({
      ...fresh(),
      name: 'a',
      height: 0,
      sharpen: 0,
      channel: '',
      dpr: [],
      formats: [{ format: 'png', quality: 80 }],
    }),
  ).toEqual({ name: 'a', width: 1200, height: 0, fit: 'cover', formats: [{ format: 'png' }], apply: 'upload' });
});
it('says where a text cannot be read', () => {
  const line = (text: string) => {
    try {
      fromYAML(text);
    } catch (e) {
      return e instanceof Unreadable ? e.line : -1;
    }
    return 0;
  };
  expect(line('name: a\nwidth: [1\nfit: cover')).toBeGreaterThan(1);
  expect(line('name: a\nwidht: 3')).toBe(2);
  expect(line('- a')).toBe(1);
});
