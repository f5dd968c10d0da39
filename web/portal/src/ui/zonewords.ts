import type { Zone } from '../asset/crop';
import { m } from '../i18n/paraglide/messages';

const kinds: Record<Zone['kind'], () => string> = {
  face: m.zone_face,
  logo: m.zone_logo,
  price: m.zone_price,
  legal: m.zone_legal,
  other: m.zone_other,
};
export const zoneName = (k: Zone['kind']) => kinds[k]?.() ?? k;
