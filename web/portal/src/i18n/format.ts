import { getLocale } from './paraglide/runtime';

// Numbers and dates follow the person's own region where it speaks the portal's language (fr-CA, en-GB).
function tag(): string {
  const locale = getLocale();
  return globalThis.navigator?.languages?.find((l) => l === locale || l.startsWith(locale + '-')) ?? locale;
}
const cached = <T>(make: () => T) => {
  let v: T | undefined;
  return () => (v ??= make());
};

const plain = cached(() => new Intl.NumberFormat(tag()));
const share = cached(() => new Intl.NumberFormat(tag(), { style: 'percent' }));
const short = cached(() => new Intl.NumberFormat(tag(), { notation: 'compact' }));
const dayTime = cached(() => new Intl.DateTimeFormat(tag(), { dateStyle: 'medium', timeStyle: 'short' }));
const dayOnly = cached(() => new Intl.DateTimeFormat(tag(), { dateStyle: 'medium' }));
const dayUTC = cached(() => new Intl.DateTimeFormat(tag(), { dateStyle: 'medium', timeZone: 'UTC' }));
const wallUTC = cached(
  () => new Intl.DateTimeFormat(tag(), { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' }),
);
const monthUTC = cached(() => new Intl.DateTimeFormat(tag(), { month: 'short', year: 'numeric', timeZone: 'UTC' }));
const ago = cached(() => new Intl.RelativeTimeFormat(tag(), { numeric: 'auto' }));
const names = cached(() => new Intl.DisplayNames([tag()], { type: 'language' }));

export const number = (n: number) => plain().format(n);
/** A share of one: 0.93 is 93 %. */
export const percent = (n: number) => share().format(n);
/** As short as it gets: 12, 1.2K. */
export const compact = (n: number) => short().format(n);
export const dateTime = (at: string | Date) => dayTime().format(new Date(at));
export const date = (at: string | Date) => dayOnly().format(new Date(at));
const inZone = new Map<string, Intl.DateTimeFormat>();
function zoneFormat(zone: string, how: 'full' | 'time'): Intl.DateTimeFormat {
  const key = how + zone;
  let f = inZone.get(key);
  if (!f) {
    f = new Intl.DateTimeFormat(
      tag(),
      how === 'time'
        ? { timeZone: zone, hour: '2-digit', minute: '2-digit' }
        : {
            timeZone: zone,
            weekday: 'short',
            day: 'numeric',
            month: 'short',
            year: 'numeric',
            hour: '2-digit',
            minute: '2-digit',
            timeZoneName: 'short',
          },
    );
    inZone.set(key, f);
  }
  return f;
}
/** An instant by the clocks of a zone, which is named. */
export const zoned = (at: string | Date, zone: string) => zoneFormat(zone, 'full').format(new Date(at));
/** The time of day of an instant by the clocks of a zone. */
export const timeIn = (at: string | Date, zone: string) => zoneFormat(zone, 'time').format(new Date(at));
/** A weekday and day of a month, of a calendar day. */
export const weekday = (day: string, style: 'short' | 'long' = 'short') =>
  new Intl.DateTimeFormat(tag(), { weekday: style, timeZone: 'UTC' }).format(new Date(day + 'T00:00:00Z'));
export const longDay = (day: string) =>
  new Intl.DateTimeFormat(tag(), { dateStyle: 'full', timeZone: 'UTC' }).format(new Date(day + 'T00:00:00Z'));
export const longMonth = (day: string) =>
  new Intl.DateTimeFormat(tag(), { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(
    new Date(day + 'T00:00:00Z'),
  );
/** The day a week begins with where the person lives: 1 for Monday to 7 for Sunday. */
export function firstWeekday(): number {
  const l = new Intl.Locale(tag());
  return (l.getWeekInfo?.() ?? l.weekInfo)?.firstDay ?? 1;
}
/** A calendar day (2026-03-31), or a minute of one (2026-03-31T18:00): neither has a zone. */
export const calendarDay = (day: string) =>
  day.length > 10 ? wallUTC().format(new Date(day + 'Z')) : dayUTC().format(new Date(day + 'T00:00:00Z'));
/** A month (2024-03) or a year (2024). */
export const monthName = (key: string) => (key.length === 4 ? key : monthUTC().format(new Date(key + '-01T00:00:00Z')));
/** A camera's wall clock, which has no zone either. */
export const wallClock = (wall: string) => wallUTC().format(new Date(wall + 'Z'));
export const language = (code: string) => names().of(code) ?? code;

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
export function bytes(n: number): string {
  let i = 0;
  for (; n >= 1000 && i < units.length - 1; i++) n /= 1000;
  return new Intl.NumberFormat(tag(), {
    style: 'unit',
    unit: units[i],
    unitDisplay: i ? 'short' : 'long',
    maximumFractionDigits: i && n < 10 ? 1 : 0,
  }).format(n);
}

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31536000],
  ['month', 2592000],
  ['day', 86400],
  ['hour', 3600],
  ['minute', 60],
];
/** How long ago, or how long from now. */
export function relative(at: string | Date, now = Date.now()): string {
  const s = (new Date(at).getTime() - now) / 1000;
  for (const [unit, size] of steps) if (Math.abs(s) >= size) return ago().format(Math.trunc(s / size), unit);
  return ago().format(0, 'second');
}

/** How long to wait, in the largest fitting unit: 30 seconds, 15 minutes. */
export function duration(seconds: number): string {
  const minutes = seconds >= 90;
  return new Intl.NumberFormat(tag(), {
    style: 'unit',
    unit: minutes ? 'minute' : 'second',
    unitDisplay: 'long',
  }).format(Math.ceil(minutes ? seconds / 60 : seconds));
}

/** A duration for a countdown: 1:05, 12:40, 1:02:03. */
export function clock(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  const p = (n: number) => String(n).padStart(2, '0');
  return s >= 3600
    ? `${Math.floor(s / 3600)}:${p(Math.floor(s / 60) % 60)}:${p(s % 60)}`
    : `${Math.floor(s / 60)}:${p(s % 60)}`;
}

/** Whole days from today until a calendar day or a minute of one, both in the library's zone. Negative when it has passed. */
export function daysUntil(day: string, zone: string, now = new Date()): number {
  const today = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).format(now);
  return Math.round((Date.parse(day.slice(0, 10) + 'T00:00:00Z') - Date.parse(today + 'T00:00:00Z')) / 86_400_000);
}

/** The wall clock in a zone, to the minute (2026-03-31T18:00). */
export const nowIn = (zone: string, now = new Date()) =>
  `${todayIn(zone, now)}T${new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(now)}`;

/** Whether a window that ends with a day, or at a minute, is over by a wall clock. */
export const ended = (until: string | undefined, wall: string) =>
  !!until && (until.length > 10 ? until <= wall : until < wall.slice(0, 10));

/** Today in a zone, as a calendar day (2026-03-31). */
export const todayIn = (zone: string, now = new Date()) =>
  new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(now);

/** An amount of money; an unknown currency is written as its code. */
export function money(p: { amount: string; currency: string }): string {
  return new Intl.NumberFormat(tag(), { style: 'currency', currency: p.currency }).format(Number(p.amount));
}

/** An instant as a zone's clock shows it, seconds included, with the zone's name. */
export const dateTimeIn = (zone: string, at: string | Date) =>
  new Intl.DateTimeFormat(tag(), {
    timeZone: zone,
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  }).format(new Date(at));
