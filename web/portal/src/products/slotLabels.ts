import { m } from '../i18n/paraglide/messages';

const slots: Record<string, () => string> = {
  hero: m.slot_hero,
  back: m.slot_back,
  detail: m.slot_detail,
  lifestyle: m.slot_lifestyle,
  video: m.slot_video,
};
/** A slot's name in the person's language; own slots are called what they are. */
export const slotName = (s: string) => slots[s]?.() ?? s;

const states = {
  shown: m.place_shown,
  review: m.place_review,
  unapproved: m.place_unapproved,
  ended: m.place_ended,
  missing: m.place_missing,
};
export const placeName = (s: keyof typeof states) => states[s]();

const seen: Record<string, () => string> = {
  shown: m.seen_shown,
  redirected: m.seen_redirected,
  pending: m.seen_pending,
  hidden: m.seen_hidden,
  gone: m.seen_gone,
};
const tones: Record<string, string> = { shown: 'ok', redirected: 'ok', pending: 'warn', hidden: 'warn', gone: 'bad' };
/** What the public got from an address. */
export const seenName = (s: string) => seen[s]?.() ?? s;
export const seenTone = (s: string) => tones[s] ?? '';
