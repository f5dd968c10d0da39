import type { Failure } from '../api/client';
import { duration } from '../i18n/format';
import { m } from '../i18n/paraglide/messages';
import { advice, sentence, why as reason } from './reason.svelte';

export { sentence };

/**
 * What went wrong, why, and what to do next: in the person's language where the code is known, else in the server's
 * words.
 */
export function explain(f: Failure): { what: string; why: string[]; next: string } {
  const p = f.problem;
  // A single mistake is often said twice, as the detail and as the field's: once is enough.
  const why = (p.errors ?? [])
    .filter((e) => sentence(e.message ?? '') !== sentence(p.detail ?? ''))
    .map((e) => sentence([e.location, reason(e, e.message)].filter(Boolean).join(': ')))
    .filter(Boolean);
  const next = sentence(advice(p, p.remedy));
  const what = sentence(reason(p, p.detail));
  switch (f.code) {
    case 'offline':
      return { what: m.err_offline(), why: [], next: m.err_offline_next() };
    case 'unauthorized':
      return { what: m.err_unauthorized(), why: [], next: m.err_unauthorized_next() };
    case 'forbidden':
      return { what: m.err_forbidden(), why: [], next: m.err_forbidden_next() };
    case 'limited':
      return {
        what: m.err_limited(),
        why: [],
        next: f.retryAfter ? m.err_limited_after({ time: duration(f.retryAfter) }) : m.err_limited_next(),
      };
    case 'stale':
      return { what: m.err_stale(), why: [], next: m.err_stale_next() };
    case 'unavailable':
      return {
        what: m.err_unavailable(),
        why: [what].filter(Boolean),
        next: next || m.err_limited_next(),
      };
    case 'damaged':
      return { what: m.err_damaged(), why: [], next: m.err_damaged_next() };
    case 'no_space':
      return { what: m.err_no_space(), why: [], next: m.err_no_space_next() };
    case 'internal':
      return { what: m.err_internal(), why: [], next: m.err_internal_next() };
  }
  return { what: what || sentence(p.title || m.err_unknown()), why, next };
}
