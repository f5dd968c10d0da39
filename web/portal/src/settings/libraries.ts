import type { Schemas } from '../api/client';

/** A library as it is edited: lists are written by comma, the quota in GiB. */
export interface Draft {
  id: string;
  name: string;
  locale: string;
  locales: string;
  zone: string;
  accent: string;
  logo: string;
  hosts: string;
  quota: number;
}

const GiB = 2 ** 30;
const list = (s: string) =>
  s
    .split(',')
    .map((x) => x.trim())
    .filter(Boolean);

export const draftOf = (l?: Schemas['Library']): Draft => ({
  id: l?.id ?? '',
  name: l?.name ?? '',
  locale: l?.locale ?? '',
  locales: l?.locales.join(', ') ?? '',
  zone: l?.zone ?? '',
  accent: l?.colors.accent ?? '',
  logo: l?.logo ?? '',
  hosts: l?.hosts.join(', ') ?? '',
  quota: (l?.quota ?? 0) / GiB,
});

/** What of a library a draft changes: only that is sent, since not everybody may change all of it. */
export function changeOf(l: Schemas['Library'], d: Draft): Schemas['LibraryEdit'] {
  const before = draftOf(l);
  const change: Schemas['LibraryEdit'] = {};
  if (d.name !== before.name) change.name = d.name;
  if (d.locale !== before.locale) change.locale = d.locale;
  if (d.zone.trim() !== before.zone) change.zone = d.zone.trim();
  if (d.locales !== before.locales) change.locales = list(d.locales);
  if (d.accent !== before.accent) change.colors = { ...l.colors, accent: d.accent };
  if (d.logo !== before.logo) change.logo = d.logo;
  if (d.hosts !== before.hosts) change.hosts = list(d.hosts);
  if (d.quota !== before.quota) change.quota = Math.round((d.quota || 0) * GiB);
  return change;
}
