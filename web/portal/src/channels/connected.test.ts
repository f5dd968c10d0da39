import { expect, test } from 'vitest';
import { readFailure } from './connected';

test('the cookie of a connection that failed is read, and anything else is not', () => {
  const value = btoa(String.fromCharCode(...new TextEncoder().encode('{"detail":"Rien n’est connecté."}')))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
  expect(readFailure(value)).toEqual({ detail: 'Rien n’est connecté.' });
  for (const bad of ['', '*', 'bnVsbA', 'W10', 'e30x']) expect(readFailure(bad)).toBeUndefined();
});
