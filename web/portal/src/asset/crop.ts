import type { Schemas } from '../api/client';

export type Point = Schemas['Point'];

/** A window of a picture as the CSS object-position that shows it. Percentages. */
export function positionOf(c: { x: number; y: number; w: number; h: number }, width: number, height: number): Point {
  const place = (from: number, size: number, window: number) =>
    size - window < 0.5 ? 50 : (100 * from) / (size - window);
  return { x: place(c.x, width, c.w), y: place(c.y, height, c.h) };
}

/** By how much an arrow key moves something, to the right and down; undefined for other keys. */
function step(key: string, d: number): readonly [number, number] | undefined {
  const steps: Record<string, readonly [number, number]> = {
    ArrowLeft: [-d, 0],
    ArrowRight: [d, 0],
    ArrowUp: [0, -d],
    ArrowDown: [0, d],
  };
  return steps[key];
}

/** Where an arrow key moves the focal point; undefined for other keys. Shift takes larger steps. */
export function nudge(at: Point, key: string, shift: boolean): Point | undefined {
  const d = shift ? 0.1 : 0.02;
  const by = step(key, d);
  if (!by) return undefined;
  const fit = (v: number) => Math.round(Math.min(1, Math.max(0, v)) * 1000) / 1000;
  return { x: fit(at.x + by[0]), y: fit(at.y + by[1]) };
}

/** A part of the picture that no crop may cut; fractions of its width and height. */
export type Zone = Schemas['ProtectedZone'];
export const zoneKinds: Zone['kind'][] = ['face', 'logo', 'price', 'legal', 'other'];

/**
 * Where a preset that crops lies: the window of its shape as near to the focal point as the edges allow, moved as
 * little as possible to keep the zones whole, and the zones it cuts all the same. In pixels; the server decides
 * alike (dam.Preset.Crop).
 */
export function cropWindow(
  width: number,
  height: number,
  box: { width: number; height: number },
  focal: Point,
  zones: Zone[],
): { x: number; y: number; w: number; h: number; cuts: Zone[] } {
  const part = (a: number, b: number, c: number, limit: number) =>
    Math.min(Math.max(1, Math.floor((a * b + Math.floor(c / 2)) / c)), limit);
  const wide = width * box.height > height * box.width;
  const w = wide ? part(height, box.width, box.height, width) : width;
  const h = wide ? height : part(width, box.height, box.width, height);
  const start = (at: number, length: number, size: number) =>
    Math.min(Math.max(Math.round(at * length - size / 2), 0), length - size);
  // A window of the largest size is cropped in one direction only.
  const down = h < height;
  const [length, size] = down ? [height, h] : [width, w];
  const span = (z: Zone): [number, number] =>
    down
      ? [Math.round(z.y * height), Math.round((z.y + z.h) * height)]
      : [Math.round(z.x * width), Math.round((z.x + z.w) * width)];
  const cutAt = (from: number) => zones.filter((z) => span(z)[0] < from || span(z)[1] > from + size);
  const asked = start(down ? focal.y : focal.x, length, size);
  let best = asked,
    cuts = cutAt(asked);
  for (const z of zones) {
    const [low, high] = span(z);
    for (let from of [low, high - size]) {
      from = Math.min(Math.max(from, 0), length - size);
      const c = cutAt(from);
      if (c.length < cuts.length || (c.length === cuts.length && Math.abs(from - asked) < Math.abs(best - asked)))
        [best, cuts] = [from, c];
    }
  }
  return { x: down ? 0 : best, y: down ? best : 0, w, h, cuts };
}

/** A zone moved or, with Shift, resized by an arrow key; undefined for other keys. It stays inside the picture. */
export function nudgeZone(z: Zone, key: string, resize: boolean): Zone | undefined {
  const d = 0.01;
  const by = step(key, d);
  if (!by) return undefined;
  return resize
    ? fitZone({ ...z, w: z.w + by[0], h: z.h + by[1] }, true)
    : fitZone({ ...z, x: z.x + by[0], y: z.y + by[1] });
}

const SMALLEST = 0.02;
/** A zone inside the picture: moved back, or cut off when it is being resized. */
export function fitZone(z: Zone, resized = false): Zone {
  const round = (v: number) => Math.round(v * 10000) / 10000;
  const between = (v: number, low: number, high: number) => Math.min(Math.max(v, low), high);
  const w = between(z.w, SMALLEST, resized ? 1 - z.x : 1),
    h = between(z.h, SMALLEST, resized ? 1 - z.y : 1);
  return { kind: z.kind, x: round(between(z.x, 0, 1 - w)), y: round(between(z.y, 0, 1 - h)), w: round(w), h: round(h) };
}
