import { SvelteMap } from 'svelte/reactivity';
import { catalogue } from './catalogue.svelte';
import type { Schemas } from './client';
import { session } from './session.svelte';

export type CustomField = Schemas['ShownField'];

const find = (key: string) => catalogue.fields.items.find((f) => f.key === key);

/** What people call a field of the library's own; the key itself for any other. */
export const fieldLabel = (key: string): string => session.text(find(key)?.label) || key;
export const isBoolean = (key: string): boolean => find(key)?.type === 'boolean';

/** Whether an asset has a field at all: its kind and its collections decide. */
export const applies = (f: CustomField, a: { kind: string; collections?: string[] | null }): boolean =>
  (!f.kinds?.length || f.kinds.some((k) => k === a.kind)) &&
  (!f.collections?.length || f.collections.some((c) => a.collections?.includes(c)));

/** Fields under their headings: those that follow each other with the same one stand together. */
export function grouped(
  fields: CustomField[],
  name: (f: CustomField) => string,
): { name: string; fields: CustomField[] }[] {
  const out: { name: string; fields: CustomField[] }[] = [];
  for (const f of fields) {
    const last = out.at(-1);
    if (last && last.name === name(f)) last.fields.push(f);
    else out.push({ name: name(f), fields: [f] });
  }
  return out;
}

/** What terms are called, as far as it has been read: by field and id, with : between them. */
export const termLabels = new SvelteMap<string, string>();

/** What a field of the library's own can be asked for, where that is known beforehand. */
export function choices(key: string): string[] | undefined {
  const f = find(key);
  return f?.type === 'choice' ? (f.choices ?? []) : f?.type === 'boolean' ? ['yes', 'no'] : undefined;
}

/** A key made of what people call a field: lower-case letters, digits and _, a letter first. */
export const keyOf = (label: string): string =>
  label
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+|_+$/g, '')
    .slice(0, 40);

/** Lines of a text box as a list, without the empty and the repeated ones. */
export const lines = (text: string): string[] => [
  ...new Set(
    text
      .split('\n')
      .map((l) => l.trim())
      .filter(Boolean),
  ),
];
