import type { Words } from './generated/descriptors';
import { getLocale } from '../i18n/paraglide/runtime';

/** A text of the server's tables in the language of the portal. */
export const inLanguage = (w: Words): string => w[getLocale()];
