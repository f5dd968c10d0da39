import { expect, test } from 'vitest';
import { around, outline, readBox, spots, world, written, zoomOf } from './map';

test('a box keeps the shape of the map and stays in the world', () => {
  const b = around({ south: 48, west: 2, north: 49, east: 3 }, 2);
  expect((b.east - b.west) / (b.north - b.south)).toBeCloseTo(2);
  expect(b.west < 2 && b.east > 3 && b.south < 48 && b.north > 49).toBe(true);
  const far = around({ south: 60, west: 170, north: 80, east: 180 }, 2);
  expect(far.east).toBe(180);
  expect(around(world, 2).west).toBe(-180);
});

test('a box is written and read', () => {
  expect(readBox(written({ south: 48.1, west: 2, north: 49.2, east: 3.1234567 }))).toEqual({
    south: 48.1,
    west: 2,
    north: 49.2,
    east: 3.123457,
  });
  expect(readBox('48.85,2.35,10km')).toBeUndefined();
  expect([zoomOf(world), zoomOf({ south: 0, west: 0, north: 1, east: 2 })]).toEqual([5, 12]);
});

test('cells too close to be told apart are one spot', () => {
  const found = spots(
    [
      { value: '40,0,45,5', count: 2, lat: 44, lon: 4 },
      { value: '45,0,50,5', count: 5, lat: 46, lon: 4.5 },
      { value: '-35,150,-30,155', count: 1, lat: -33, lon: 151 },
    ],
    6,
  );
  expect(found).toEqual([
    { lat: 46, lon: 4.5, count: 7, area: { south: 40, west: 0, north: 50, east: 5 } },
    { lat: -33, lon: 151, count: 1, area: { south: -35, west: 150, north: -30, east: 155 } },
  ]);
});

test('land over the antimeridian is drawn at both ends', () => {
  const land = {
    transform: { scale: [1, 1], translate: [0, 0] },
    arcs: [
      [
        [170, 10],
        [10, 5],
        [-350, 0],
      ],
    ],
    objects: { land: { geometries: [{ arcs: [[[0]]] }] } },
  };
  expect(outline(land)).toBe(
    'M170.00 -10.00L180.00 -15.00L190.00 -15.00zM-190.00 -10.00L-180.00 -15.00L-170.00 -15.00z',
  );
});

test('land is drawn from its arcs, also those that are walked backwards', () => {
  const land = {
    transform: { scale: [1, 1], translate: [-10, -10] },
    arcs: [
      [
        [10, 10],
        [5, 0],
        [0, 5],
      ],
      [
        [10, 10],
        [0, 5],
        [5, 0],
      ],
    ],
    objects: { land: { geometries: [{ arcs: [[[0, -2]]] }] } },
  };
  expect(outline(land)).toBe(
    'M0.00 0.00L5.00 0.00L5.00 -5.00L5.00 -5.00L0.00 -5.00L0.00 0.00z'.replaceAll('-0.00', '0.00'),
  );
});
