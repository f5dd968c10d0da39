/**
 * One meaning of a library's synonyms: words that find each other, or with `to` words that find others but not the
 * reverse.
 */
export interface Meaning {
  from: string[];
  to?: string[];
  comment: string;
  line: number;
}

const words = (side: string): string[] => [
  ...new Set(
    side
      .split(',')
      .map((w) => w.trim())
      .filter(Boolean),
  ),
];

/** Reads the lines as the server keeps them. A comment belongs to the meaning that follows it. */
export function meanings(lines: string[]): Meaning[] {
  const list: Meaning[] = [];
  let comment = '';
  lines.forEach((l, line) => {
    if (l.startsWith('#')) comment = l.slice(1).trim();
    else if (l) {
      const [left = '', right] = l.split('=>');
      list.push({ from: words(left), ...(right !== undefined && { to: words(right) }), comment, line });
      comment = '';
    }
  });
  return list;
}

/** The line of a meaning; "" while there are not two words. */
export function lineOf(from: string, to?: string): string {
  const a = words(from),
    b = words(to ?? '');
  if (to === undefined) return a.length > 1 ? a.join(', ') : '';
  return a.length && b.length ? `${a.join(', ')} => ${b.join(', ')}` : '';
}

/** The query that finds what each word of a line will find, in words that stand for themselves only. */
export function reach(line: string): string {
  const [m] = meanings([line]);
  return m ? [...m.from, ...(m.to ?? [])].map((w) => `"${w.replaceAll('"', '')}"`).join(' OR ') : '';
}
