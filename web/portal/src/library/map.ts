import type { Count } from './facets.svelte';

/** Degrees. */
export interface Box {
  south: number;
  west: number;
  north: number;
  east: number;
}
export const world: Box = { south: -60, west: -180, north: 84, east: 180 };

export const written = (b: Box): string =>
  [b.south, b.west, b.north, b.east].map((d) => String(Math.round(d * 1e6) / 1e6)).join(',');
/** What `area:` takes, read; undefined for anything else. */
export function readBox(text: string): Box | undefined {
  const degrees = text.split(',').map(Number);
  const [south = NaN, west = NaN, north = NaN, east = NaN] = degrees;
  return degrees.length === 4 && degrees.every((d) => Number.isFinite(d)) ? { south, west, north, east } : undefined;
}

/** The smallest box that holds all; undefined for none. */
export function union(list: Box[]): Box | undefined {
  return list.length
    ? {
        south: Math.min(...list.map((b) => b.south)),
        west: Math.min(...list.map((b) => b.west)),
        north: Math.max(...list.map((b) => b.north)),
        east: Math.max(...list.map((b) => b.east)),
      }
    : undefined;
}

/**
 * A box of the map's shape (width by height) around another, with room at its edges, that ends where the world ends.
 */
export function around(b: Box, shape: number, room = 0.15, least = 2): Box {
  const wide = Math.min(
    360,
    Math.max((b.east - b.west) * (1 + 2 * room), (b.north - b.south) * (1 + 2 * room) * shape, least),
  );
  const high = wide / shape;
  const west = Math.max(-180, Math.min(180 - wide, (b.west + b.east) / 2 - wide / 2));
  const south = Math.max(-90, Math.min(90 - high, (b.south + b.north) / 2 - high / 2));
  return { south, west, north: south + high, east: west + wide };
}

/** The zoom of the server's grid that puts about 24 cells across a box. */
export const zoomOf = (b: Box): number =>
  Math.max(0, Math.min(20, Math.round(Math.log2((360 / (b.east - b.west)) * 24))));

/** A spot on the map: assets that stand too close to be told apart. */
export interface Spot {
  lat: number;
  lon: number;
  count: number;
  area: Box;
}

/** Joins cells whose middles are nearer than `gap` degrees, the fullest first. */
export function spots(cells: Count[], gap: number): Spot[] {
  const out: Spot[] = [];
  for (const c of [...cells].sort((a, b) => b.count - a.count)) {
    const area = readBox(c.value);
    const { lat, lon } = c;
    if (!area || lat === undefined || lon === undefined) continue;
    const near = out.find((s) => Math.abs(s.lat - lat) < gap && Math.abs(s.lon - lon) < gap);
    if (near) {
      near.count += c.count;
      near.area = union([near.area, area]) ?? area;
    } else out.push({ lat, lon, count: c.count, area });
  }
  return out;
}

interface Topology {
  transform: { scale: number[]; translate: number[] };
  arcs: number[][][];
  objects: { land: { geometries: { arcs: number[][][] }[] } };
}

/** The land of a quantised TopoJSON as one SVG path: x is the longitude, y the latitude downwards. */
export function outline({ transform: { scale, translate }, arcs, objects }: Topology): string {
  const [sx = 1, sy = 1] = scale,
    [tx = 0, ty = 0] = translate;
  const lines = arcs.map((arc) => {
    let x = 0,
      y = 0;
    return arc.map(([dx = 0, dy = 0]) => [(x += dx) * sx + tx, (y += dy) * sy + ty] as const);
  });
  const line = (i: number) => (i < 0 ? (lines[~i] ?? []).toReversed() : (lines[i] ?? []));
  const draw = (points: (readonly [number, number])[], by = 0) =>
    'M' + points.map(([x, y]) => `${(x + by).toFixed(2)} ${(-y).toFixed(2)}`).join('L') + 'z';
  return objects.land.geometries
    .flatMap((g) => g.arcs.flat())
    .map((ring) => {
      // Land over the antimeridian is drawn whole at both ends of the map, not as a line across it.
      let turn = 0,
        last: number | undefined;
      const points = ring.flatMap(line).map(([x, y]) => {
        if (last !== undefined && Math.abs(x - last) > 180) turn += x < last ? 360 : -360;
        last = x;
        return [x + turn, y] as const;
      });
      const over = points.some(([x]) => x > 180) ? -360 : points.some(([x]) => x < -180) ? 360 : 0;
      return draw(points) + (over ? draw(points, over) : '');
    })
    .join('');
}
