/**
 * The text of a query, read as far as filters need it: what is asked of which field, and where that stands in the text.
 * The server's grammar (docs/search.md) has the last word; this reading only has to agree on where one term ends.
 */
export interface Term {
  /** Where the term is in the text, with its minus. */
  from: number;
  to: number;
  kind: 'word' | 'phrase' | 'group' | 'field';
  negated: boolean;
  /** The field's name in lower case, as the server documents it first; "" when the term is no field. */
  field: string;
  /** Written values without their quotation marks; the whole text for words, phrases and groups. */
  values: string[];
}

const aliases: Record<string, string> = { kind: 'type', created: 'uploaded', colour: 'color' };
// Their commas belong to the one value they take.
const whole = new Set(['near', 'area', 'similar']);
const space = /\s/;

function endOfQuote(q: string, i: number): number {
  for (let k = i + 1; k < q.length; k++) {
    if (q[k] !== '"') continue;
    if (q[k + 1] !== '"' || k === i + 1) return k + 1;
    k++;
  }
  return q.length;
}
function endOfBare(q: string, i: number, stops = ''): number {
  while (i < q.length && !space.test(q.charAt(i)) && !'()"'.includes(q.charAt(i)) && !stops.includes(q.charAt(i))) i++;
  return i;
}
function endOfGroup(q: string, i: number): number {
  let depth = 0;
  while (i < q.length) {
    if (q[i] === '"') {
      i = endOfQuote(q, i);
      continue;
    }
    if (q[i] === '(') depth++;
    else if (q[i] === ')' && --depth === 0) return i + 1;
    i++;
  }
  return q.length;
}
const unquote = (s: string) =>
  s.startsWith('"') ? s.slice(1, s.endsWith('"') && s.length > 1 ? -1 : undefined).replaceAll('""', '"') : s;

/** The terms that are all required; `loose` when an OR at the top makes none of them so. */
export function read(q: string): { terms: Term[]; loose: boolean } {
  const terms: Term[] = [];
  let loose = false;
  for (let i = 0; i < q.length;) {
    if (space.test(q.charAt(i)) || q[i] === ')') {
      i++;
      continue;
    }
    const from = i;
    let negated = false;
    for (;;) {
      const not = /^NOT(?=[\s()"])\s*/.exec(q.slice(i));
      if (q[i] === '-' && i + 1 < q.length && !/[\s)]/.test(q.charAt(i + 1))) i++;
      else if (not) i += not[0].length;
      else break;
      negated = !negated;
    }
    if (i >= q.length) break;
    const operator = negated ? null : /^(OR|AND)(?=[\s()"]|$)/.exec(q.slice(i));
    if (operator) {
      loose ||= operator[1] === 'OR';
      i += operator[0].length;
      continue;
    }
    const name = /^([\p{L}_][\p{L}\p{N}_]*):(?=[^\s/)])/u.exec(q.slice(i));
    if (q[i] === '(') {
      i = endOfGroup(q, i);
      terms.push({ from, to: i, kind: 'group', negated, field: '', values: [q.slice(from, i)] });
    } else if (q[i] === '"') {
      i = endOfQuote(q, i);
      terms.push({ from, to: i, kind: 'phrase', negated, field: '', values: [q.slice(from, i)] });
    } else if (name) {
      const field = (name[1] ?? '').toLowerCase();
      i += name[0].length;
      const values: string[] = [];
      if (whole.has(field)) {
        const to = endOfBare(q, i);
        values.push(q.slice(i, to));
        i = to;
      } else {
        for (;;) {
          const to = q[i] === '"' ? endOfQuote(q, i) : endOfBare(q, i, ',');
          if (to > i) values.push(unquote(q.slice(i, to)));
          i = to;
          if (q[i] !== ',') break;
          i++;
        }
      }
      terms.push({ from, to: Math.max(i, from + 1), kind: 'field', negated, field: aliases[field] ?? field, values });
    } else {
      i = Math.max(endOfBare(q, i), i + 1);
      terms.push({ from, to: i, kind: 'word', negated, field: '', values: [q.slice(from, i)] });
    }
  }
  return { terms, loose };
}

/** Writes a value so that the server reads it as one. */
export const quote = (value: string) =>
  /[\s(),*"]/.test(value) || !value ? `"${value.replaceAll('"', '""')}"` : value;

/** Equal for the server: it forgives capitals and accents. */
export const fold = (s: string) => s.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().trim();

/** Takes a piece of the text out, and the space that held it apart. */
export function without(q: string, { from, to }: { from: number; to: number }): string {
  return [q.slice(0, from).trimEnd(), q.slice(to).trimStart()].filter(Boolean).join(' ');
}

const mine = (q: string, field: string) => {
  const { terms, loose } = read(q);
  return loose ? [] : terms.filter((t) => t.field === field && !t.negated);
};

/** What is asked of a field, in the order written. */
export const chosen = (q: string, field: string) => mine(q, field).flatMap((t) => t.values);

/** The text with the field asked for exactly this (already written for the server); "" asks nothing of it any more. */
export function put(q: string, field: string, text: string): string {
  const found = mine(q, field);
  const first = found.shift();
  for (const t of found.reverse()) q = without(q, t);
  if (!text) return first ? without(q, first) : q;
  if (first) return q.slice(0, first.from) + `${field}:${text}` + q.slice(first.to);
  const { loose } = read(q);
  return [loose ? `(${q.trim()})` : q.trim(), `${field}:${text}`].filter(Boolean).join(' ');
}

/** The text with a value of a field asked for when it was not, and no longer when it was. */
export function toggle(q: string, field: string, value: string): string {
  const have = chosen(q, field);
  const left = have.filter((v) => fold(v) !== fold(value));
  return put(q, field, (left.length < have.length ? left : [...have, value]).map(quote).join(','));
}

/** The bare words that end at the caret: what a suggestion may replace. */
export function typing(q: string, caret: number): { from: number; to: number; text: string } {
  const { terms } = read(q.slice(0, caret));
  let from = caret;
  if (!space.test(q[caret - 1] ?? ' ') || q.slice(0, caret).trim()) {
    for (const t of terms.reverse()) {
      if (t.kind !== 'word' || t.negated) break;
      from = t.from;
    }
  }
  return { from, to: caret, text: q.slice(from, caret) };
}
