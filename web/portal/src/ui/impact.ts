import type { Schemas } from '../api/client';
import { number } from '../i18n/format';
import { m } from '../i18n/paraglide/messages';

type Impact = Pick<Schemas['RightsImpact'], 'hidden_count' | 'publications_count' | 'slots_count'>;

/** Whether a change touches anything that people outside see. */
export const touches = (i: Impact): boolean => i.hidden_count + i.publications_count + i.slots_count > 0;

/** What a change touches, as a sentence. */
export const impactText = (i: Impact): string =>
  m.rights_impact({
    hidden: number(i.hidden_count),
    slots: number(i.slots_count),
    publications: number(i.publications_count),
  });
