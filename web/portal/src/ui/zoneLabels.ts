import type { Schemas } from '../api/client';
import { m } from '../i18n/paraglide/messages';

const kinds: Record<Schemas['ProtectedZone']['kind'], () => string> = {
  face: m.zone_face,
  logo: m.zone_logo,
  price: m.zone_price,
  legal: m.zone_legal,
  other: m.zone_other,
};
export const zoneName = (k: Schemas['ProtectedZone']['kind']) => kinds[k]?.() ?? k;
