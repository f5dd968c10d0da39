import { expect, test } from 'vitest';
import markdown from '../../../../docs/search.md?raw';
import { guide, translated } from './guide';
import { french } from './guidefr';
import { read } from './query';

const g = guide(markdown);

test('the guide is read out of the documentation', () => {
  expect(g.examples.map((e) => e.heading).slice(0, 2)).toEqual(['Words', 'Fields']);
  expect(g.examples[0]?.rows).toContainEqual(['"robe d\'été"', 'exactly these words, side by side']);
  expect(g.fields.find((f) => f.names.includes('created:'))?.names).toEqual(['uploaded:', 'created:']);
  expect(g.fields.length).toBeGreaterThan(25);
});

test('the portal reads every documented example as a field', () => {
  for (const f of g.fields)
    for (const e of f.examples)
      expect(
        read(e).terms.every((t) => t.kind === 'field'),
        e,
      ).toBe(true);
});

test('French translates lines that the documentation still has', () => {
  for (const line of Object.keys(french)) expect(markdown.includes(line), line).toBe(true);
  expect(translated('groups', french)).toBe('groupes');
  expect(translated('Something new', french)).toBe('Something new');
});
