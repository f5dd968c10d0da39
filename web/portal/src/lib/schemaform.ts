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

interface Property {
  type?: string | string[];
  title?: string;
  description?: string;
  format?: string;
  writeOnly?: boolean;
  enum?: unknown[];
  default?: unknown;
}

/** The fields of a schema's properties, filled from a configuration; secrets come back empty. */
export function formFields(schema: unknown, config: Record<string, unknown> = {}): FormField[] {
  const s = (schema ?? {}) as { properties?: Record<string, Property>; required?: string[] };
  return Object.entries(s.properties ?? {}).map(([name, p]) => {
    const type = Array.isArray(p.type) ? p.type.find((t) => t !== 'null') : p.type;
    const secret = !!p.writeOnly || p.format === 'password';
    const kind = type === 'boolean' ? 'checkbox' : p.enum ? 'select' : p.format === 'textarea' ? 'textarea' : secret ? 'password' : type === 'integer' || type === 'number' ? 'number' : p.format === 'date' ? 'date' : 'text';
    const v = config[name] ?? (secret ? '' : p.default);
    return {
      name,
      title: p.title ?? (name[0]?.toUpperCase() ?? '') + name.slice(1).replaceAll('_', ' '),
      hint: p.description ?? '',
      kind,
      options: (p.enum ?? []).map(String),
      required: (s.required ?? []).includes(name),
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
