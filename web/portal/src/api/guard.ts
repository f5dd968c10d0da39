/** Whether a value from outside is an object with members, neither a list nor null. */
export const isRecord = (v: unknown): v is Record<string, unknown> =>
  typeof v === 'object' && v !== null && !Array.isArray(v);

/** Whether what has the focus, or where an event happened, takes what is typed. */
export const takesText = (t: EventTarget | null): boolean =>
  t instanceof Element && /^(INPUT|TEXTAREA|SELECT)$/.test(t.tagName);
