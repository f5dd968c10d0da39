import Boxes from '@lucide/svelte/icons/boxes';
import Activity from '@lucide/svelte/icons/activity';
import Calendar from '@lucide/svelte/icons/calendar-days';
import CopyCheck from '@lucide/svelte/icons/copy-check';
import Scale from '@lucide/svelte/icons/scale';
import Crop from '@lucide/svelte/icons/crop';
import DownloadIcon from '@lucide/svelte/icons/download';
import Folder from '@lucide/svelte/icons/folder';
import LibraryIcon from '@lucide/svelte/icons/library';
import Headset from '@lucide/svelte/icons/headset';
import Images from '@lucide/svelte/icons/images';
import KeyRound from '@lucide/svelte/icons/key-round';
import Link from '@lucide/svelte/icons/link-2';
import Shapes from '@lucide/svelte/icons/list-plus';
import ListTree from '@lucide/svelte/icons/list-tree';
import Package from '@lucide/svelte/icons/package';
import Radio from '@lucide/svelte/icons/radio';
import Sheet from '@lucide/svelte/icons/file-spreadsheet';
import Shield from '@lucide/svelte/icons/shield-alert';
import Users from '@lucide/svelte/icons/users';
import Webhook from '@lucide/svelte/icons/webhook';
import type { Component } from 'svelte';
import type { Permission } from '../api/generated/descriptors';
import { m } from '../i18n/paraglide/messages';
import type { Address } from '../ui/router.svelte';

/** A screen: its address, what shows it, and its entry in the navigation. */
export interface Route extends Address {
  /** Loads its component; `id` is what its address says after the first part. The library is there from the start. */
  load?: (id: string) => Promise<{ default: Component }>;
  /** Its entry in the navigation, for who has the permission; none for a screen that another one leads to. */
  nav?: { name: () => string; icon: typeof Images; needs: Permission; setup?: boolean };
  /** The screen whose entry is marked where this one has none. */
  within?: string;
  /** The key that leads here after g. */
  key?: string;
}

/** Every screen, in the order of the navigation. A new one is its component, a row here and its messages. */
export const routes: Route[] = [
  { screen: 'library', path: '', nav: { name: m.library, icon: Images, needs: 'see' }, key: 'l' },
  { screen: 'asset', path: 'assets', id: 'required', within: 'library' },
  {
    screen: 'collections',
    load: () => import('../library/Collections.svelte'),
    nav: { name: m.collections, icon: Folder, needs: 'see' },
    key: 'c',
  },
  {
    screen: 'downloads',
    load: () => import('../library/Downloads.svelte'),
    nav: { name: m.downloads, icon: DownloadIcon, needs: 'download_presets' },
  },
  {
    screen: 'sheets',
    load: () => import('../library/Sheets.svelte'),
    nav: { name: m.sheets, icon: Sheet, needs: 'edit_all' },
  },
  {
    screen: 'duplicates',
    load: () => import('../review/Duplicates.svelte'),
    nav: { name: m.duplicates, icon: CopyCheck, needs: 'edit_all' },
  },
  {
    screen: 'products',
    load: () => import('../products/Products.svelte'),
    nav: { name: m.products, icon: Package, needs: 'see' },
    key: 'o',
  },
  {
    screen: 'lookup',
    load: () => import('../products/Lookup.svelte'),
    nav: { name: m.lookup, icon: Headset, needs: 'see' },
  },
  {
    screen: 'quarantine',
    load: () => import('../review/Quarantine.svelte'),
    nav: { name: m.quarantine, icon: Shield, needs: 'edit_all' },
    key: 'q',
  },
  {
    screen: 'calendar',
    load: () => import('../calendar/Calendar.svelte'),
    nav: { name: m.calendar, icon: Calendar, needs: 'publish', setup: true },
    key: 'd',
  },
  { screen: 'compose', load: () => import('../calendar/Compose.svelte'), within: 'calendar' },
  {
    screen: 'publications',
    id: 'required',
    load: () => import('../calendar/Publication.svelte'),
    within: 'calendar',
  },
  {
    screen: 'channels',
    id: 'optional',
    load: (id) => (id ? import('../channels/Signage.svelte') : import('../channels/Channels.svelte')),
    nav: { name: m.channels, icon: Radio, needs: 'publish', setup: true },
    key: 'k',
  },
  {
    screen: 'presets',
    load: () => import('../presets/Presets.svelte'),
    nav: { name: m.presets, icon: Crop, needs: 'see', setup: true },
  },
  {
    screen: 'licences',
    load: () => import('../settings/Licences.svelte'),
    nav: { name: m.licences, icon: Scale, needs: 'edit_rights', setup: true },
  },
  {
    screen: 'fields',
    load: () => import('../settings/Fields.svelte'),
    nav: { name: m.fields, icon: Shapes, needs: 'manage_fields', setup: true },
  },
  {
    screen: 'vocabularies',
    load: () => import('../settings/Vocabularies.svelte'),
    nav: { name: m.vocabularies, icon: ListTree, needs: 'manage_fields', setup: true },
  },
  {
    screen: 'families',
    load: () => import('../settings/Families.svelte'),
    nav: { name: m.families, icon: Boxes, needs: 'manage_fields', setup: true },
  },
  {
    screen: 'synonyms',
    load: () => import('../settings/Synonyms.svelte'),
    nav: { name: m.synonyms, icon: Link, needs: 'manage_synonyms', setup: true },
  },
  {
    screen: 'people',
    load: () => import('../settings/People.svelte'),
    nav: { name: m.people, icon: Users, needs: 'manage_people', setup: true },
    key: 'p',
  },
  {
    screen: 'tokens',
    load: () => import('../settings/Tokens.svelte'),
    nav: { name: m.tokens, icon: KeyRound, needs: 'manage_people', setup: true },
  },
  {
    screen: 'webhooks',
    id: 'optional',
    load: () => import('../settings/Webhooks.svelte'),
    nav: { name: m.webhooks, icon: Webhook, needs: 'manage_webhooks', setup: true },
  },
  {
    screen: 'libraries',
    load: () => import('../settings/Libraries.svelte'),
    nav: { name: m.libraries, icon: LibraryIcon, needs: 'manage_library', setup: true },
  },
  {
    screen: 'system',
    load: () => import('../system/System.svelte'),
    nav: { name: m.system, icon: Activity, needs: 'manage_jobs', setup: true },
    key: 's',
  },
  { screen: 'hold', load: () => import('../system/Hold.svelte') },
  { screen: 'account', load: () => import('../settings/Account.svelte') },
];

/** The address of a screen without an id. */
export const hrefOf = (r: Route): string => '/' + (r.path ?? r.screen);
