import { expect, test } from 'vitest';
import { formConfig, formFields } from './schemaform';

const schema = {
  type: 'object',
  required: ['target'],
  properties: {
    target: { type: 'string', title: 'Target' },
    secret_key: { type: 'string', writeOnly: true },
    retries: { type: 'integer', default: 3 },
    style: { type: 'string', enum: ['flat', 'deep'] },
    manifest: { type: 'boolean', default: true },
    key: { type: 'string', writeOnly: true, format: 'textarea' },
  },
};

test('a schema becomes fields', () => {
  const f = formFields(schema, { target: '/srv/out', manifest: false });
  expect(f.map((x) => [x.name, x.kind, x.value])).toEqual([
    ['target', 'text', '/srv/out'],
    ['secret_key', 'password', ''],
    ['retries', 'number', '3'],
    ['style', 'select', ''],
    ['manifest', 'checkbox', false],
    ['key', 'textarea', ''],
  ]);
  expect(f[0]?.required).toBe(true);
  expect(f[1]?.title).toBe('Secret key');
});

test('an untouched secret is not sent', () => {
  expect(formConfig(formFields(schema, { target: 'x' }))).toEqual({ target: 'x', retries: 3, manifest: true });
});
