import type { Problem } from '../api/client';

export interface Correction {
  before: string;
  wrong: string;
  after: string;
  /**
   * What the server proposes for the wrong piece, and the whole query with it; "" when it proposes nothing definite.
   */
  better: string;
  fixed: string;
}

/** The query around its mistake. The server counts characters, a string counts UTF-16 units. */
export function correction(q: string, problem: Problem): Correction {
  const at = problem.errors?.[0];
  const letters = Array.from(q);
  const from = at?.offset ?? 0,
    to = from + (at?.length ?? 0);
  const before = letters.slice(0, from).join(''),
    wrong = letters.slice(from, to).join(''),
    after = letters.slice(to).join('');
  const meant = problem.params?.better;
  const better = wrong && typeof meant === 'string' ? meant : '';
  return { before, wrong, after, better, fixed: better ? before + better + after : '' };
}
