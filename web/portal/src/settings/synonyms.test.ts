import { expect, test } from 'vitest';
import { lineOf, meanings, reach } from './synonyms';

test('lines are read with their comments', () => {
  expect(meanings(['# furniture', 'sofa, couch,canapé', '', 'gsm => mobile phone', '# nothing follows'])).toEqual([
    { from: ['sofa', 'couch', 'canapé'], comment: 'furniture', line: 1 },
    { from: ['gsm'], to: ['mobile phone'], comment: '', line: 3 },
  ]);
});

test('a line is written once there are two words', () => {
  expect(lineOf('sofa, ')).toBe('');
  expect(lineOf('sofa, couch, sofa')).toBe('sofa, couch');
  expect(lineOf('gsm', ' ')).toBe('');
  expect(lineOf('gsm', 'mobile phone')).toBe('gsm => mobile phone');
});

test('what it would find is asked for in words that stand for themselves', () => {
  expect(reach('gsm => mobile phone')).toBe('"gsm" OR "mobile phone"');
  expect(reach('')).toBe('');
});
