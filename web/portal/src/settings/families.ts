import type { Schemas } from '../api/client';

export type Family = Schemas['Family'];
type Attribute = Schemas['FamilyAttribute'];

/** An attribute while it is edited: its label in the library's language alone. */
export interface AttributeDraft {
  key: string;
  label: string;
  type: Attribute['type'];
  unit: string;
  vocabulary: string;
  required: boolean;
}

/** The attributes of a family as the form has them. */
export const attributesOf = (f: Family | undefined, home: string): AttributeDraft[] =>
  (f?.attributes ?? []).map((a) => ({
    key: a.key,
    label: a.labels?.[home] ?? '',
    type: a.type,
    unit: a.unit ?? '',
    vocabulary: a.vocabulary ?? '',
    required: !!a.required,
  }));

/** What the form says of a family; labels in other languages than the form's stay. */
export function fieldsOf(
  draft: { labels: Record<string, string>; attributes: AttributeDraft[]; slots: string },
  before: Family | undefined,
  home: string,
): Schemas['FamilyFields'] {
  const filled = (of: Record<string, string>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(of)
        .map(([l, t]) => [l, t.trim()])
        .filter(([, t]) => t),
    );
  return {
    labels: filled(draft.labels),
    attributes: draft.attributes
      .filter((a) => a.key.trim())
      .map((a) => ({
        key: a.key.trim(),
        labels: filled({ ...before?.attributes.find((x) => x.key === a.key)?.labels, [home]: a.label }),
        type: a.type,
        ...(a.type === 'number' && a.unit.trim() && { unit: a.unit.trim() }),
        ...(a.type === 'tree' && { vocabulary: a.vocabulary }),
        ...(a.required && { required: true }),
      })),
    slots: draft.slots.split(/[\s,;]+/).filter(Boolean),
  };
}
