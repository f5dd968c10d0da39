/**
 * Wall clocks of IANA zones. What a person plans goes to the server as wall time and zone: it alone resolves gaps and
 * overlaps.
 */
export interface Wall {
  /** 2026-03-29 */
  day: string;
  /** 14:05 */
  time: string;
  /** 14:05:30, as precise as the plan was */
  exact: string;
  /** Minutes east of UTC */
  offset: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();
function format(zone: string): Intl.DateTimeFormat {
  let f = formats.get(zone);
  if (!f) {
    f = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    formats.set(zone, f);
  }
  return f;
}

export function validZone(zone: string): boolean {
  try {
    format(zone);
    return zone !== '';
  } catch {
    return false;
  }
}

/** What the clocks of a zone show at an instant. */
export function wall(at: string | number | Date, zone: string): Wall {
  const t = new Date(at);
  const p: Record<string, string> = {};
  for (const { type, value } of format(zone).formatToParts(t)) p[type] = value;
  const day = `${p.year}-${p.month}-${p.day}`;
  const exact = `${p.hour}:${p.minute}:${p.second}`;
  const offset = Math.round((Date.parse(`${day}T${exact}Z`) - Math.floor(t.getTime() / 1000) * 1000) / 60_000);
  return { day, time: exact.slice(0, 5), exact, offset };
}

/** UTC+5:45, UTC−3, UTC. */
export function offsetName(minutes: number): string {
  if (!minutes) return 'UTC';
  const n = Math.abs(minutes);
  return `UTC${minutes < 0 ? '−' : '+'}${Math.floor(n / 60)}${n % 60 ? ':' + String(n % 60).padStart(2, '0') : ''}`;
}

export const addDays = (day: string, n: number) =>
  new Date(Date.parse(day + 'T00:00:00Z') + n * 86_400_000).toISOString().slice(0, 10);
export function addMonths(day: string, n: number): string {
  const d = new Date(day.slice(0, 7) + '-01T00:00:00Z');
  d.setUTCMonth(d.getUTCMonth() + n);
  return d.toISOString().slice(0, 10);
}

/** Seven days in a row. */
export type Week = [string, string, string, string, string, string, string];

/** The week of a day; first is 1 for Monday to 7 for Sunday. */
export function weekOf(day: string, first = 1): Week {
  const back = (new Date(day + 'T00:00:00Z').getUTCDay() - first + 7) % 7;
  const at = (i: number) => addDays(day, i - back);
  return [at(0), at(1), at(2), at(3), at(4), at(5), at(6)];
}

/** The whole weeks that a day's month touches. */
export function monthOf(day: string, first = 1): string[] {
  const [start] = weekOf(day.slice(0, 7) + '-01', first);
  const end = weekOf(addDays(addMonths(day, 1), -1), first)[6];
  const out: string[] = [];
  for (let d = start; d <= end; d = addDays(d, 1)) out.push(d);
  return out;
}

/** About the instant at which a day begins: exact but for days whose midnight does not exist. */
function begins(day: string, zone: string): number {
  const utc = Date.parse(day + 'T00:00:00Z');
  const guess = utc - wall(utc, zone).offset * 60_000;
  return utc - wall(guess, zone).offset * 60_000;
}

/** By how many minutes the clocks are put forward (or back, below 0) on a day; 0 on most. */
export function clockChange(day: string, zone: string): number {
  return wall(begins(addDays(day, 1), zone), zone).offset - wall(begins(day, zone), zone).offset;
}
