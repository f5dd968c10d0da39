import type { Schemas } from '../api/client';

export type PlacePrice = Schemas['PlacePrice'];

const whole = 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' ');
const thousandths = 'BHD IQD JOD KWD LYD OMR TND'.split(' ');

/** How many digits of a currency stand behind the point: what the browser knows isn't what ISO 4217 says. */
export function decimals(currency: string): number {
  if (whole.includes(currency)) return 0;
  if (thousandths.includes(currency)) return 3;
  return currency === 'CLF' || currency === 'UYW' ? 4 : 2;
}

/** An amount in minor units, as a decimal. */
export function decimal(p: Pick<PlacePrice, 'amount' | 'currency'>): string {
  const digits = decimals(p.currency);
  const s = String(p.amount).padStart(digits + 1, '0');
  return digits ? `${s.slice(0, -digits)}.${s.slice(-digits)}` : s;
}

/** A decimal in minor units; undefined where it is none, or has more digits than the currency. */
export function minorUnits(text: string, currency: string): number | undefined {
  const digits = decimals(currency);
  const parts = /^(\d{1,12})(?:[.,](\d+))?$/.exec(text.trim());
  const rest = (parts?.[2] ?? '').replace(/0+$/, '');
  if (!parts || rest.length > digits) return undefined;
  return Number((parts[1] ?? '') + rest.padEnd(digits, '0'));
}

/** The prices of a place with another one, which takes the place of that of its currency and first day. */
export const withPrice = (list: readonly PlacePrice[], p: PlacePrice): PlacePrice[] => [
  ...list.filter((x) => x.currency !== p.currency || (x.from ?? '') !== (p.from ?? '')),
  p,
];
