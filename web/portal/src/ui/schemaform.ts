import { isRecord } from '../api/guard';
import { getLocale } from '../i18n/paraglide/runtime';

/** A flat JSON Schema as form fields: enough for the settings of a channel. */
export interface FormField {
  name: string;
  title: string;
  hint: string;
  kind: 'text' | 'password' | 'textarea' | 'number' | 'checkbox' | 'select' | 'date';
  options: { value: string; label: string }[];
  required: boolean;
  value: string | boolean;
}

const text = (s: unknown) => (typeof s === 'string' ? s : undefined);

/**
 * What is read of a property; anything else in a schema is passed over. Its words in the reader's language are those of
 * x-fr and so on; what it lacks is in English.
 */
function property(v: unknown, locale: string) {
  const p = isRecord(v) ? v : {};
  const words = p[`x-${locale}`];
  const own = isRecord(words) ? words : {};
  const said = (by: unknown, name: string) => (isRecord(by) ? text(by[name]) : undefined);
  const types = (Array.isArray(p.type) ? p.type : [p.type]).map(text);
  return {
    type: types.find((t) => t !== 'null'),
    title: text(own.title) ?? text(p.title),
    description: text(own.description) ?? text(p.description),
    format: text(p.format),
    writeOnly: p.writeOnly === true,
    enum: Array.isArray(p.enum)
      ? p.enum.map(String).map((v) => ({
          value: v,
          label: said(own.values, v) ?? said(p['x-values'], v) ?? v,
        }))
      : undefined,
    default: p.default,
  };
}

/** The fields of a schema's properties, filled from a configuration; secrets come back empty. */
export function formFields(schema: unknown, config: unknown = {}, locale: string = getLocale()): FormField[] {
  const s = isRecord(schema) ? schema : {};
  const given = isRecord(config) ? config : {};
  const required = Array.isArray(s.required) ? s.required : [];
  return Object.entries(isRecord(s.properties) ? s.properties : {}).map(([name, member]) => {
    const p = property(member, locale),
      type = p.type;
    const secret = p.writeOnly || p.format === 'password';
    const kind =
      type === 'boolean'
        ? 'checkbox'
        : p.enum
          ? 'select'
          : p.format === 'textarea'
            ? 'textarea'
            : secret
              ? 'password'
              : type === 'integer' || type === 'number'
                ? 'number'
                : p.format === 'date'
                  ? 'date'
                  : 'text';
    const v = given[name] ?? (secret ? '' : p.default);
    return {
      name,
      title: p.title ?? (name[0]?.toUpperCase() ?? '') + name.slice(1).replaceAll('_', ' '),
      hint: p.description ?? '',
      kind,
      options: p.enum ?? [],
      required: required.includes(name),
      value: kind === 'checkbox' ? v === true : v === undefined || v === null ? '' : String(v),
    };
  });
}

/** The configuration a filled form means. Empty fields are left out, so that a kept secret stays. */
export function formConfig(fields: FormField[]): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const f of fields) {
    if (f.kind === 'checkbox') out[f.name] = f.value;
    else if (f.value !== '') out[f.name] = f.kind === 'number' ? Number(f.value) : f.value;
  }
  return out;
}
