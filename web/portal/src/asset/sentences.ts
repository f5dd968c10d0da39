import type { Schemas } from '../api/client';
import { fieldLabel } from '../api/custom';
import { isRecord } from '../api/guard';
import { bytes, calendarDay, language } from '../i18n/format';
import { eventSentences, textFields } from '../api/generated/descriptors';
import { inLanguage } from '../api/language';
import { m } from '../i18n/paraglide/messages';
import { statusName } from '../ui/labels';

export type Change = Schemas['Change'];
export type HistoryEvent = Schemas['HistoryEntry'];

/** Who did what, as a sentence. */
export function sentence(e: Pick<HistoryEvent, 'type' | 'actor' | 'actor_name'>): string {
  const who = e.actor === 'system' ? 'Vitrine' : e.actor_name || e.actor;
  const words = eventSentences[e.type];
  return words ? inLanguage(words).replace('{who}', () => who) : m.ev_other({ who, what: e.type });
}

const fields: Record<string, () => string> = {
  title: m.f_title,
  description: m.f_description,
  alt: m.f_alt,
  caption: m.f_caption,
  tags: m.f_tags,
  ...Object.fromEntries(textFields.map((f) => [f.name, () => inLanguage(f.label)])),
  rating: m.f_rating,
  focal: m.f_focal,
  rights: m.f_rights,
  place: m.f_place,
  captured: m.f_captured,
  skus: m.f_skus,
  status: m.status,
  comment: m.f_comment,
  sidecar: m.sidecar,
  collections: m.collections,
  version: m.f_version,
  size: m.f_size,
  licences: m.licences,
  consents: m.consents,
  limits: m.rights_allowed,
  'rights.from': m.f_from,
  'rights.until': m.f_until,
  'rights.territories': m.f_territories,
  'rights.successor': m.f_successor,
};

/** A field's name: title.fr is “Title (French)”. */
export function fieldName(field: string): string {
  const whole = fields[field];
  if (whole) return whole();
  const [head = '', tail = ''] = field.split('.', 2);
  if (head === 'custom' && tail) return fieldLabel(tail);
  const name = fields[head]?.() ?? head;
  const localised = tail.length <= 5 && ['title', 'description', 'alt', 'caption'].includes(head);
  return tail ? `${name} (${localised ? language(tail) : tail})` : name;
}

/** A value as a person reads it. */
export function valueText(field: string, v: unknown): string {
  if (v === undefined || v === null || v === '' || (Array.isArray(v) && !v.length)) return m.nothing();
  if (field === 'status') return statusName(String(v));
  if (field === 'size' && typeof v === 'number') return bytes(v);
  if (Array.isArray(v)) return v.join(', ');
  if (isRecord(v)) {
    const o = v;
    if (typeof o.x === 'number' && typeof o.y === 'number')
      return `${Math.round(o.x * 100)} % × ${Math.round(o.y * 100)} %`;
    const parts = Object.entries(o).filter(
      ([, x]) => x !== '' && x !== null && x !== undefined && !(Array.isArray(x) && !x.length),
    );
    if (!parts.length) return m.nothing();
    return parts
      .map(([k, x]) => (parts.length === 1 && typeof x === 'string' ? valueText(k, x) : `${k}: ${valueText(k, x)}`))
      .join(' · ');
  }
  if (/^\d{4}-\d\d-\d\d$/.test(String(v))) return calendarDay(String(v));
  return String(v);
}
