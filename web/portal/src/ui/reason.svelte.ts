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

function fill(text: string | undefined, params: Reason['params'], said: string): string {
  if (!text) return said;
  return text.replace(
    /\{\{(\w+)\}\}|\{(\w+)(:q|:sentence|:list|\.remedy)?\}/g,
    (_, literal: string | undefined, name: string, form: string | undefined) => {
      if (literal) return `{${literal}}`;
      const v = params?.[name];
      if (form === '.remedy') return isReason(v) ? advice(v) : '';
      const s = written(v, form === ':list');
      return form === ':sentence' ? sentence(s) : form === ':q' ? JSON.stringify(s) : s;
    },
  );
}

function written(v: unknown, list = false): string {
  if (isReason(v)) return why(v, v.reason);
  if (Array.isArray(v)) return v.map((x) => written(x)).join(list ? '; ' : ' ');
  return v === undefined || v === null ? '' : String(v);
}

const isReason = (v: unknown): v is Reason => typeof v === 'object' && v !== null && 'reason' in v;
