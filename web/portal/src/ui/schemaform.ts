import { isRecord } from '../api/guard';

/** A flat JSON Schema as form fields: enough for the settings of a channel. */
export interface FormField {
  name: string;
  title: string;
  hint: string;
  kind: 'text' | 'password' | 'textarea' | 'number' | 'checkbox' | 'select' | 'date';
  options: string[];
  required: boolean;
  value: string | boolean;
}

/** What is read of a property; anything else in a schema is passed over. */
function property(v: unknown) {
  const p = isRecord(v) ? v : {};
  const text = (s: unknown) => (typeof s === 'string' ? s : undefined);
  const types = (Array.isArray(p.type) ? p.type : [p.type]).map(text);
  return {
    type: types.find((t) => t !== 'null'),
    title: text(p.title),
    description: text(p.description),
    format: text(p.format),
    writeOnly: p.writeOnly === true,
    enum: Array.isArray(p.enum) ? p.enum.map(String) : undefined,
    default: p.default,
  };
}

/** The fields of a schema's properties, filled from a configuration; secrets come back empty. */
export function formFields(schema: unknown, config: unknown = {}): FormField[] {
  const s = isRecord(schema) ? schema : {};
  const given = isRecord(config) ? config : {};
  const required = Array.isArray(s.required) ? s.required : [];
  return Object.entries(isRecord(s.properties) ? s.properties : {}).map(([name, member]) => {
    const p = property(member),
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
