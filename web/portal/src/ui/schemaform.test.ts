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
  const f = formFields(schema, { target: '/srv/out', manifest: false }, 'en');
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

test("words are the reader's, and English where there are none", () => {
  const style = {
    type: 'string',
    title: 'Style',
    description: 'How it looks',
    enum: ['flat', 'deep', 'new'],
    'x-values': { flat: 'Flat', deep: 'Deep' },
    'x-fr': { title: 'Aspect', values: { flat: 'Plat' } },
  };
  const read = (locale: string, p: unknown = style) => {
    const [f] = formFields({ properties: { style: p } }, {}, locale);
    return [f?.title, f?.hint, ...(f?.options.map((o) => `${o.value} ${o.label}`) ?? [])];
  };
  expect(read('en')).toEqual(['Style', 'How it looks', 'flat Flat', 'deep Deep', 'new new']);
  expect(read('fr')).toEqual(['Aspect', 'How it looks', 'flat Plat', 'deep Deep', 'new new']);
  expect(read('fr', { ...style, 'x-fr': 'Aspect' })).toEqual(read('en'));
});

test('an untouched secret is not sent', () => {
  expect(formConfig(formFields(schema, { target: 'x' }, 'en'))).toEqual({ target: 'x', retries: 3, manifest: true });
});
