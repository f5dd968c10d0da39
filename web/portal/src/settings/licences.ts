import { m } from '../i18n/paraglide/messages';

const media: Record<string, () => string> = {
  web: m.medium_web,
  store: m.medium_store,
  social: m.medium_social,
  screen: m.medium_screen,
  print: m.medium_print,
  email: m.medium_email,
  ads: m.medium_ads,
  other: m.medium_other,
};

/** Media as people read them. */
export const mediaNames = (list: string[]): string => list.map((x) => media[x]?.() ?? x).join(', ');
