import { expect, test } from 'vitest';
import { daysUntil } from '../i18n/format';
import { overwriteGetLocale } from '../i18n/paraglide/runtime';
import { fieldName, sentence, valueText } from './sentences';

overwriteGetLocale(() => 'en');

test('history is told in sentences', () => {
  expect(sentence({ type: 'asset.approved', actor: 'u_1', actor_name: 'Ada' })).toBe('Ada approved this.');
  expect(sentence({ type: 'asset.renditions_ready', actor: 'system', actor_name: 'system' })).toBe(
    'Vitrine made the renditions.',
  );
  expect(sentence({ type: 'asset.something_new', actor: 'u_1', actor_name: '' })).toBe('u_1: asset.something_new');
});

test('fields and values are named for people', () => {
  expect(fieldName('title.fr')).toBe('Title (French)');
  expect(fieldName('rights.until')).toBe('Last day');
  expect(valueText('status', 'in_review')).toBe('In review');
  expect(valueText('tags', ['a', 'b'])).toBe('a, b');
  expect(valueText('tags', [])).toBe('nothing');
  expect(valueText('focal', { x: 0.25, y: 0.5 })).toBe('25 % × 50 %');
  expect(valueText('title', { en: 'Boots' })).toBe('Boots');
});

test('days are counted in the library’s zone', () => {
  const now = new Date('2026-03-31T22:30:00Z'); // 1 April in Paris, still March in New York
  expect(daysUntil('2026-04-01', 'Europe/Paris', now)).toBe(0);
  expect(daysUntil('2026-04-01', 'America/New_York', now)).toBe(1);
  expect(daysUntil('2026-03-30', 'Europe/Paris', now)).toBe(-2);
});
