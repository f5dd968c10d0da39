import { calendarDay, dateTime, number } from '../i18n/format';
import { m } from '../i18n/paraglide/messages';
import { getLocale } from '../i18n/paraglide/runtime';

/** Why something did not happen: a code of the server's catalogue, the values its sentence names, and what to do next. */
export interface Reason {
  reason?: string;
  params?: Record<string, unknown>;
  remedy_code?: string;
}

interface Texts {
  reasons: Readonly<Record<string, string>>;
  remedies: Readonly<Record<string, string>>;
  terms: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

// English needs none: the server's answers say the same sentences in it.
let texts = $state.raw<Texts>();

/** Fetches the sentences of the reader's language; until they are there, the server's own are shown. */
export async function loadReasons(): Promise<void> {
  if (getLocale() === 'fr') texts = await import('../api/generated/reasons.fr');
}

/** A capital first, a stop last. */
export const sentence = (s: string) =>
  s ? s.charAt(0).toUpperCase() + s.slice(1) + (/[.!?…]$/.test(s) ? '' : '.') : '';

/** Why, in the reader's language; the server's words for a code that has no text here, such as what older versions stored. */
export const why = (r: Reason, said = ''): string => fill(texts?.reasons[r.reason ?? ''], r.params, said);

/** What to do next, in the reader's language. */
export const advice = (r: Reason, said = ''): string => fill(texts?.remedies[r.remedy_code ?? ''], r.params, said);

/** Both as sentences. */
export const told = (r: Reason & { message?: string; remedy?: string }): string =>
  [sentence(why(r, r.message)), sentence(advice(r, r.remedy))].filter(Boolean).join(' ');

/** A note that may give several reasons. */
export const noted = (list: readonly Reason[] | null | undefined, said = ''): string =>
  list?.length && list.every((r) => texts?.reasons[r.reason ?? ''])
    ? list.map((r) => sentence(why(r))).join(' ')
    : said;

/** The same as part of a line: as it is, without a capital and a stop. */
export const brief = (list: readonly Reason[] | null | undefined, said = ''): string =>
  list?.length && list.every((r) => texts?.reasons[r.reason ?? '']) ? list.map((r) => why(r)).join(' ') : said;

function fill(text: string | undefined, params: Reason['params'], said: string): string {
  if (!text) return said;
  return text.replace(
    /\{\{(\w+)\}\}|\{(\w+)(:\w+|\.remedy)?\}/g,
    (_, literal: string | undefined, name: string, form: string | undefined) => {
      if (literal) return `{${literal}}`;
      const v = params?.[name];
      if (form === '.remedy') return isReason(v) ? advice(v) : '';
      const s = written(v, form === ':list');
      if (form === ':sentence') return sentence(s);
      return form === ':q' ? JSON.stringify(s) : term(form?.slice(1) ?? '', s);
    },
  );
}

/** A value of a type, as the reader's language writes it: a word of the catalogue, a time, a number. */
function term(kind: string, v: string): string {
  if (kind === 'time' || kind === 'date') {
    const at = Date.parse(v);
    return Number.isNaN(at) ? v : kind === 'time' ? dateTime(v) : calendarDay(v);
  }
  if (kind === 'duration') return duration(v);
  if (kind === 'number') return v !== '' && Number.isFinite(Number(v)) ? number(Number(v)) : v;
  return texts?.terms[kind]?.[v] ?? v;
}

/** What a permission allows, in a few words. */
export const permissionName = (p: string): string => texts?.terms.permission?.[p] ?? p.replaceAll('_', ' ');

/** What a kind of channel is called: English gives the title. */
export const kindTitle = (title: string): string => texts?.terms.channel_kind?.[title] ?? title;

/** What a channel takes, by what it limits. */
export const limits = (c: { limits?: Record<string, string>; limit_reasons?: Record<string, Reason> }): string =>
  Object.entries(c.limits ?? {})
    .map(([k, said]) =>
      m.limit({ of: texts?.terms.channel_limit?.[k] ?? k, what: why(c.limit_reasons?.[k] ?? {}, said) }),
    )
    .join(' · ');

/** A duration of Go, such as 2h0m0s, without the parts that are nothing. */
function duration(v: string): string {
  const units: Record<string, string> = { h: 'h', m: 'min', s: 's', ms: 'ms' };
  const parts = [...v.matchAll(/([\d.]+)(ms|h|m|s)/g)];
  if (parts.map((p) => p[0]).join('') !== v.replace('-', '')) return v;
  const said = parts.filter((p) => Number(p[1]) !== 0).map((p) => `${number(Number(p[1]))} ${units[p[2] ?? '']}`);
  return (v.startsWith('-') ? '−' : '') + (said.join(' ') || '0 s');
}

function written(v: unknown, list = false): string {
  if (isReason(v)) return why(v, v.reason);
  if (Array.isArray(v)) return v.map((x) => written(x)).join(list ? '; ' : ' ');
  return v === undefined || v === null ? '' : String(v);
}

const isReason = (v: unknown): v is Reason => typeof v === 'object' && v !== null && 'reason' in v;
