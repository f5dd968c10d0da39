import { describe, expect, it, test } from 'vitest';
import { cropWindow, fitZone, nudge, nudgeZone, positionOf, type Zone } from './crop';

test('a crop follows the focal point until the edge', () => {
  const crop = (w: number, h: number, aspect: number, focal: { x: number; y: number }) =>
    positionOf(cropWindow(w, h, { width: aspect * 100, height: 100 }, focal, []), w, h);
  expect(crop(2000, 1000, 1, { x: 0.5, y: 0.5 })).toEqual({ x: 50, y: 50 });
  expect(crop(2000, 1000, 1, { x: 0.1, y: 0.5 }).x).toBe(0);
  expect(crop(2000, 1000, 1, { x: 0.95, y: 0.5 }).x).toBe(100);
  expect(crop(2000, 1000, 1, { x: 0.4, y: 0.9 }).x).toBeCloseTo(30);
  expect(crop(1000, 2000, 2, { x: 0.5, y: 0.9 }).y).toBe(100);
});

test('arrow keys move the point and stop at the edge', () => {
  expect(nudge({ x: 0.5, y: 0.5 }, 'ArrowLeft', false)).toEqual({ x: 0.48, y: 0.5 });
  expect(nudge({ x: 0.5, y: 0.95 }, 'ArrowDown', true)).toEqual({ x: 0.5, y: 1 });
  expect(nudge({ x: 0.5, y: 0.5 }, 'a', false)).toBeUndefined();
});

describe('protected zones', () => {
  const zone = (x: number, y: number, w: number, h: number): Zone => ({ kind: 'face', x, y, w, h });
  const square = { width: 600, height: 600 };
  it('move the crop no further than they need', () => {
    expect(cropWindow(1200, 600, square, { x: 0.5, y: 0.5 }, [])).toEqual({ x: 300, y: 0, w: 600, h: 600, cuts: [] });
    expect(cropWindow(1200, 600, square, { x: 0.5, y: 0.5 }, [zone(0.1, 0.2, 0.2, 0.2)])).toMatchObject({
      x: 120,
      cuts: [],
    });
    expect(cropWindow(1200, 600, square, { x: 0.5, y: 0.5 }, [zone(0.7, 0.2, 0.2, 0.2)])).toMatchObject({
      x: 480,
      cuts: [],
    });
    expect(cropWindow(600, 1200, square, { x: 0.5, y: 0.9 }, [zone(0, 0, 1, 0.1)])).toMatchObject({
      x: 0,
      y: 0,
      cuts: [],
    });
  });
  it('are named when one has to be cut', () => {
    const [left, right] = [zone(0, 0, 0.1, 0.1), zone(0.9, 0, 0.1, 0.1)];
    const c = cropWindow(1200, 600, square, { x: 0.9, y: 0.5 }, [left, right]);
    expect(c.cuts).toEqual([left]);
    expect(c.x).toBe(600);
    expect(cropWindow(1200, 600, square, { x: 0.5, y: 0.5 }, [zone(0.1, 0, 0.8, 1)]).cuts).toHaveLength(1);
  });
  it('stay inside the picture', () => {
    expect(fitZone(zone(0.95, -0.2, 0.2, 0.2))).toEqual(zone(0.8, 0, 0.2, 0.2));
    expect(fitZone(zone(0.9, 0.9, 0.5, 0), true)).toEqual(zone(0.9, 0.9, 0.1, 0.02));
    expect(nudgeZone(zone(0.5, 0.5, 0.1, 0.1), 'ArrowRight', false)).toEqual(zone(0.51, 0.5, 0.1, 0.1));
    expect(nudgeZone(zone(0.5, 0.5, 0.1, 0.1), 'ArrowUp', true)).toEqual(zone(0.5, 0.5, 0.1, 0.09));
    expect(nudgeZone(zone(0.5, 0.5, 0.1, 0.1), 'a', true)).toBeUndefined();
  });
});
