import type { Asset } from './api';

/** The fields of an asset a person can edit, as a merge patch: null takes a value away. */
export type Patch = Record<string, unknown>;

const nested = new Set(['title', 'description', 'alt', 'caption', 'rights', 'focals', 'custom']);
const isObject = (v: unknown): v is Record<string, unknown> => typeof v === 'object' && v !== null && !Array.isArray(v);
const empty = (v: unknown) => v === undefined || v === null || v === '' || (Array.isArray(v) && !v.length);
const same = (a: unknown, b: unknown) => (empty(a) && empty(b)) || JSON.stringify(a) === JSON.stringify(b);

/** The asset as it will look after the patch, to show before the server has answered. */
export function applied(a: Asset, patch: Patch): Asset {
  const out = { ...a } as Record<string, unknown>;
  for (const [k, v] of Object.entries(patch)) {
    if (nested.has(k) && isObject(v)) {
      const whole = { ...((out[k] as object | undefined) ?? {}) } as Record<string, unknown>;
      for (const [l, x] of Object.entries(v)) {
        if (empty(x)) delete whole[l];
        else whole[l] = x;
      }
      out[k] = whole;
    } else if (v === null) delete out[k];
    else out[k] = v;
  }
  return out as Asset;
}

/** The patch that takes `patch` back. */
export function inverse(before: Asset, patch: Patch): Patch {
  const old = before as unknown as Record<string, unknown>;
  const out: Patch = {};
  for (const [k, v] of Object.entries(patch)) {
    if (nested.has(k) && isObject(v)) {
      const was = (old[k] ?? {}) as Record<string, unknown>;
      out[k] = Object.fromEntries(Object.keys(v).map((l) => [l, was[l] ?? null]));
    } else out[k] = old[k] ?? null;
  }
  return out;
}

export interface Clash {
  /** Where, as in title.fr or rights.until. */
  field: string;
  mine: unknown;
  theirs: unknown;
}

/** What somebody else changed meanwhile to something other than `patch` wants: empty when both changes fit together. */
export function clashes(before: Asset, now: Asset, patch: Patch): Clash[] {
  const out: Clash[] = [];
  const old = before as unknown as Record<string, unknown>;
  const fresh = now as unknown as Record<string, unknown>;
  const look = (field: string, was: unknown, is: unknown, mine: unknown) => {
    if (!same(was, is) && !same(is, mine)) out.push({ field, mine, theirs: is });
  };
  for (const [k, v] of Object.entries(patch)) {
    if (nested.has(k) && isObject(v)) {
      for (const l of Object.keys(v)) look(`${k}.${l}`, (old[k] as Record<string, unknown> | undefined)?.[l], (fresh[k] as Record<string, unknown> | undefined)?.[l], v[l]);
    } else look(k, old[k], fresh[k], v);
  }
  return out;
}

/** Whether a patch changes anything at all. */
export function changes(a: Asset, patch: Patch): boolean {
  return !same(JSON.parse(JSON.stringify(inverse(a, patch)), (_, v: unknown) => (empty(v) ? undefined : v)), JSON.parse(JSON.stringify(patch), (_, v: unknown) => (empty(v) ? undefined : v)));
}
