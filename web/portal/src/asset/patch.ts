import type { Asset, Schemas } from '../api/client';
import { isRecord } from '../api/guard';

/** The fields of an asset a person can edit, as a merge patch: null takes a value away. */
export type Patch = Schemas['AssetPatch'];

const nested = new Set(['title', 'description', 'alt', 'caption', 'rights', 'focals', 'custom']);
const empty = (v: unknown) => v === undefined || v === null || v === '' || (Array.isArray(v) && !v.length);
const same = (a: unknown, b: unknown) => (empty(a) && empty(b)) || JSON.stringify(a) === JSON.stringify(b);
const members = (v: unknown): Record<string, unknown> => (isRecord(v) ? v : {});

/** The asset as it will look after the patch, to show before the server has answered. */
export function applied(a: Asset, patch: Patch): Asset {
  const old: Record<string, unknown> = a;
  const fresh: Record<string, unknown> = {};
  for (const [k, v] of Object.entries(patch)) {
    if (nested.has(k) && isRecord(v))
      fresh[k] = Object.fromEntries(Object.entries({ ...members(old[k]), ...v }).filter(([, x]) => !empty(x)));
    else fresh[k] = v ?? undefined;
  }
  return Object.assign({ ...a }, fresh);
}

/** The patch that takes `patch` back. */
export function inverse(before: Asset, patch: Patch): Patch {
  const old: Record<string, unknown> = before;
  const out: Record<string, unknown> = {};
  for (const [k, v] of Object.entries(patch)) {
    if (nested.has(k) && isRecord(v)) {
      const was = members(old[k]);
      out[k] = Object.fromEntries(Object.keys(v).map((l) => [l, was[l] ?? null]));
    } else out[k] = old[k] ?? null;
  }
  // Each value is what the asset has in the field of that name.
  // eslint-disable-next-line @typescript-eslint/consistent-type-assertions
  return out as Patch;
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
  const old: Record<string, unknown> = before;
  const fresh: Record<string, unknown> = now;
  const look = (field: string, was: unknown, is: unknown, mine: unknown) => {
    if (!same(was, is) && !same(is, mine)) out.push({ field, mine, theirs: is });
  };
  for (const [k, v] of Object.entries(patch)) {
    if (nested.has(k) && isRecord(v)) {
      for (const [l, mine] of Object.entries(v)) look(`${k}.${l}`, members(old[k])[l], members(fresh[k])[l], mine);
    } else look(k, old[k], fresh[k], v);
  }
  return out;
}

/** Whether a patch changes anything at all. */
export function changes(a: Asset, patch: Patch): boolean {
  return !same(
    JSON.parse(JSON.stringify(inverse(a, patch)), (_, v: unknown) => (empty(v) ? undefined : v)),
    JSON.parse(JSON.stringify(patch), (_, v: unknown) => (empty(v) ? undefined : v)),
  );
}
