import { expect, test } from 'vitest';
import { parseCSV, recordsOf } from './recordsFile';

test('cells in quotes keep separators, marks and lines; rows keep their line', () => {
  expect(parseCSV('\ufeffa;b\r\n"x;""y""\nz";2\n\n3;4')).toEqual([
    { line: 1, cells: ['a', 'b'] },
    { line: 2, cells: ['x;"y"\nz', '2'] },
    { line: 5, cells: ['3', '4'] },
  ]);
  expect(() => parseCSV('a\n"b')).toThrow();
});

test('a file with persons is one of consents', () => {
  const file = recordsOf('number,person,until,file_name\nC-1,Ana,2027-01-01,a.jpg\n');
  expect(file.kind).toBe('consents');
  expect(file.rows[0]).toMatchObject({
    line: 2,
    consent: { number: 'C-1', person: 'Ana' },
    asset: { file_name: 'a.jpg' },
  });
});

test('an empty cell changes nothing', () => {
  const file = recordsOf('number,licensor,media,cost\nL-1,Agency,web  print,\nL-2,Agency,,\n');
  expect(file.rows[0]).toMatchObject({ licence: { terms: { media: ['web', 'print'] }, cost: undefined } });
  expect(file.rows[1]).toMatchObject({ licence: { terms: { media: undefined } } });
});

test('an unknown column is named', () => {
  expect(() => recordsOf('number,licensor,colour\n')).toThrow('colour');
  expect(() => recordsOf('number\nL-1\n')).toThrow('number');
});
