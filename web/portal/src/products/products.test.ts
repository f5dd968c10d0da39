import { describe, expect, it } from 'vitest';
import { placing, shelves, undoing, type Slot } from './products';

const at = (slot: string, n: number, asset: string): Slot => ({ slot, n, asset, origin: 'hand', since: '' });

describe('the places of a product', () => {
  it('are the taken ones and the first free one, own slots last', () => {
    const p = { slots: [at('hero', 1, 'a'), at('hero', 3, 'b'), at('box', 1, 'c')] };
    expect(shelves(p, ['hero', 'back'])).toEqual([
      {
        slot: 'hero',
        places: [
          { slot: 'hero', n: 1 },
          { slot: 'hero', n: 2 },
          { slot: 'hero', n: 3 },
        ],
      },
      { slot: 'back', places: [{ slot: 'back', n: 1 }] },
      {
        slot: 'box',
        places: [
          { slot: 'box', n: 1 },
          { slot: 'box', n: 2 },
        ],
      },
    ]);
  });
  it('are changed for one another, and back', () => {
    const p = { slots: [at('hero', 1, 'a'), at('back', 1, 'b')] };
    const steps = placing(p, 'a', { slot: 'back', n: 1 }, { slot: 'hero', n: 1 });
    expect(steps).toEqual([
      { slot: 'back', n: 1, asset: 'a' },
      { slot: 'hero', n: 1, asset: 'b' },
    ]);
    expect(undoing(p, steps)).toEqual([
      { slot: 'hero', n: 1, asset: 'a' },
      { slot: 'back', n: 1, asset: 'b' },
    ]);
  });
  it('are emptied when what was there moves to a free one', () => {
    const p = { slots: [at('hero', 1, 'a')] };
    expect(placing(p, 'a', { slot: 'back', n: 1 }, { slot: 'hero', n: 1 })).toEqual([
      { slot: 'back', n: 1, asset: 'a' },
      { slot: 'hero', n: 1, asset: '' },
    ]);
    expect(placing(p, 'a', { slot: 'hero', n: 1 })).toEqual([]);
    expect(undoing(p, placing(p, 'z', { slot: 'hero', n: 1 }))).toEqual([{ slot: 'hero', n: 1, asset: 'a' }]);
  });
});
