import { expect, test } from 'vitest';
import { chosen, put, quote, read, toggle, typing, without } from './query';

const kinds = (q: string) =>
  read(q).terms.map((t) => `${t.negated ? '-' : ''}${t.kind}${t.field && ':' + t.field}=${t.values.join('|')}`);

test('terms end where the server ends them', () => {
  expect(kinds('robe -hiver "deux mots" type:image,video tag:"red dress",x near:48.85,2.35,10km')).toEqual([
    'word=robe',
    '-word=-hiver',
    'phrase="deux mots"',
    'field:type=image|video',
    'field:tag=red dress|x',
    'field:near=48.85,2.35,10km',
  ]);
  expect(kinds('(a OR "b)") -status:draft NOT kind:image 12:30 https://x.org note: red')).toEqual([
    'group=(a OR "b)")',
    '-field:status=draft',
    '-field:type=image',
    'word=12:30',
    'word=https://x.org',
    'word=note:',
    'word=red',
  ]);
  expect(kinds('tag:"say ""hi""" tag:"open')).toEqual(['field:tag=say "hi"', 'field:tag=open']);
  expect(kinds('area:48.1,2,49.2,3.1 similar:a_1,0.9')).toEqual([
    'field:area=48.1,2,49.2,3.1',
    'field:similar=a_1,0.9',
  ]);
  expect(kinds('lens_2:wide 2_lens:wide')).toEqual(['field:lens_2=wide', 'word=2_lens:wide']);
  expect(read('a OR b').loose).toBe(true);
  expect(read('(a OR b) ORANGE').loose).toBe(false);
});

test('a filter goes into the text and out of it', () => {
  let q = 'robe';
  q = toggle(q, 'status', 'draft');
  expect(q).toBe('robe status:draft');
  q = toggle(q, 'status', 'approved');
  q = toggle(q, 'tag', 'red, dress');
  expect(q).toBe('robe status:draft,approved tag:"red, dress"');
  expect(chosen(q, 'tag')).toEqual(['red, dress']);
  q = toggle(q, 'status', 'draft');
  q = toggle(q, 'tag', 'Red, Dréss');
  expect(q).toBe('robe status:approved');
  expect(toggle(q, 'status', 'approved')).toBe('robe');
});

test('what stands beside OR keeps its meaning', () => {
  expect(toggle('robe OR type:video', 'type', 'image')).toBe('(robe OR type:video) type:image');
  expect(chosen('a OR type:video', 'type')).toEqual([]);
});

test('one range replaces all there were', () => {
  expect(put('taken:2024 robe taken:>2020', 'taken', '2023-01..2023-03')).toBe('taken:2023-01..2023-03 robe');
  expect(put('taken:2024 robe', 'taken', '')).toBe('robe');
  expect(put('-taken:2024 robe', 'taken', '2023')).toBe('-taken:2024 robe taken:2023');
});

test('taking a term out leaves one space', () => {
  const q = 'a  type:image   b';
  expect(without(q, read(q).terms[1] ?? { from: 0, to: 0 })).toBe('a b');
  expect(quote('a*')).toBe('"a*"');
});

test('a suggestion replaces the words being typed', () => {
  expect(typing('type:image red dre', 18)).toEqual({ from: 11, to: 18, text: 'red dre' });
  expect(typing('red type:im', 11).text).toBe('');
  expect(typing('', 0).text).toBe('');
});
