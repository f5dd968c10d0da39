import { describe, expect, it } from 'vitest';
import { keyed, rows, words, type Term } from './vocabulary';

const term = (id: string, parent = '', children = 0): Term => ({
  id,
  revision: 1,
  labels: { en: id },
  path: [],
  children,
  ...(parent && { parent }),
});
const tree = new Map([
  ['', [term('furniture', '', 2), term('games')]],
  ['furniture', [term('chair', 'furniture'), term('table', 'furniture')]],
]);

describe('a vocabulary', () => {
  it('shows what is open', () => {
    expect(rows(tree, new Set()).map((r) => r.term.id)).toEqual(['furniture', 'games']);
    expect(rows(tree, new Set(['furniture'])).map((r) => [r.term.id, r.level, r.at, r.of])).toEqual([
      ['furniture', 1, 1, 2],
      ['chair', 2, 1, 2],
      ['table', 2, 2, 2],
      ['games', 1, 2, 2],
    ]);
  });

  it('shows a term once, wherever it was read', () => {
    const moved = new Map([...tree, ['games', [term('chair', 'games'), term('games')]]]);
    expect(rows(moved, new Set(['furniture', 'games'])).map((r) => r.term.id)).toEqual([
      'furniture',
      'chair',
      'table',
      'games',
    ]);
  });

  it('is walked with keys', () => {
    const open = new Set(['furniture']);
    const list = rows(tree, open);
    expect(keyed('ArrowDown', list, 'furniture', open)).toEqual({ to: 'chair' });
    expect(keyed('ArrowRight', list, 'furniture', open)).toEqual({ to: 'chair' });
    expect(keyed('ArrowLeft', list, 'chair', open)).toEqual({ to: 'furniture' });
    expect(keyed('ArrowLeft', list, 'furniture', open)).toEqual({ close: 'furniture' });
    expect(keyed('ArrowRight', rows(tree, new Set()), 'furniture', new Set())).toEqual({ open: 'furniture' });
    expect(keyed('End', list, 'chair', open)).toEqual({ to: 'games' });
    expect(keyed('ArrowDown', [], '', open)).toEqual({});
  });

  it('reads synonyms', () => {
    expect(words(' seat\n\nchair, folding\nseat')).toEqual(['seat', 'chair, folding']);
  });
});
