import { fieldLabel, isBoolean, termLabels } from '../api/custom';
import { operators } from '../api/generated/descriptors';
import { inLanguage } from '../api/language';
import { m } from '../i18n/paraglide/messages';

type Say = () => string;
const statuses: Record<string, Say> = {
  draft: m.status_draft,
  in_review: m.status_in_review,
  approved: m.status_approved,
  rejected: m.status_rejected,
  archived: m.status_archived,
};
const tones: Record<string, string> = { in_review: 'warn', approved: 'ok', rejected: 'bad' };
const kinds: Record<string, Say> = {
  image: m.kind_image,
  video: m.kind_video,
  audio: m.kind_audio,
  document: m.kind_document,
  other: m.kind_other,
};
const ranks: Record<string, Say> = {
  viewer: m.role_viewer,
  contributor: m.role_contributor,
  editor: m.role_editor,
  publisher: m.role_publisher,
  admin: m.role_admin,
  none: m.role_none,
};
const rankHints: Record<string, Say> = {
  viewer: m.role_viewer_hint,
  contributor: m.role_contributor_hint,
  editor: m.role_editor_hint,
  publisher: m.role_publisher_hint,
  admin: m.role_admin_hint,
  none: m.role_none_hint,
};
const states: Record<string, Say> = {
  planned: m.pub_planned,
  leased: m.pub_preparing,
  preparing: m.pub_preparing,
  committing: m.pub_committing,
  delivered: m.pub_delivered,
  unknown: m.pub_unconfirmed,
  unconfirmed: m.pub_unconfirmed,
  failed: m.pub_failed,
  recalling: m.pub_recalling,
  recalled: m.pub_recalled,
  cancelled: m.pub_cancelled,
  manual: m.pub_manual,
  healthy: m.ch_healthy,
  degraded: m.ch_degraded,
  reconnect: m.ch_reconnect,
  paused: m.ch_paused,
  pending: m.state_waiting,
  waiting: m.state_waiting,
  running: m.state_running,
  parked: m.state_parked,
  done: m.state_done,
  dead: m.state_parked,
  ok: m.ch_healthy,
};
const postStatuses: Record<string, Say> = {
  draft: m.post_status_draft,
  scheduled: m.post_status_scheduled,
  private: m.post_status_private,
  limited: m.post_status_limited,
};
const stateTones: Record<string, string> = {
  delivered: 'ok',
  healthy: 'ok',
  ok: 'ok',
  failed: 'bad',
  reconnect: 'bad',
  parked: 'bad',
  dead: 'bad',
  unknown: 'warn',
  unconfirmed: 'warn',
  degraded: 'warn',
  manual: 'warn',
  committing: 'accent',
  preparing: 'accent',
  running: 'accent',
  recalling: 'accent',
};
const fields = new Map(operators.map((o) => [o.name, o.label]));
const colors: Record<string, Say> = {
  black: m.color_black,
  grey: m.color_grey,
  white: m.color_white,
  beige: m.color_beige,
  brown: m.color_brown,
  red: m.color_red,
  orange: m.color_orange,
  yellow: m.color_yellow,
  green: m.color_green,
  teal: m.color_teal,
  blue: m.color_blue,
  purple: m.color_purple,
  pink: m.color_pink,
};
const licenses: Record<string, Say> = { valid: m.license_valid, expired: m.license_expired, future: m.license_future };
const answers: Record<string, Say> = { yes: m.yes, no: m.no, true: m.yes, false: m.no };
const shapes: Record<string, Say> = {
  landscape: m.shape_landscape,
  portrait: m.shape_portrait,
  square: m.shape_square,
};

const find = (table: Record<string, Say>, key: string) => table[key]?.() ?? key;
export const statusName = (s: string) => find(statuses, s);
export const statusTone = (s: string) => tones[s] ?? '';
export const kindName = (s: string) => find(kinds, s);
export const roleName = (s: string) => find(ranks, s);
export const roleHint = (s: string) => find(rankHints, s);
export const stateName = (s: string) => find(states, s);
/** Who could see a post when it was sent, where not everybody could. */
export const postStatusName = (s: string) => find(postStatuses, s);
export const stateTone = (s: string) => stateTones[s] ?? '';
export const statusList = Object.keys(statuses);
export const kindList = Object.keys(kinds);
/** A field of the query language, as a heading. */
export function fieldTitle(name: string): string {
  const label = fields.get(name);
  return label ? inLanguage(label) : fieldLabel(name);
}
/** A value of a field, for those whose values are words of the language itself. */
export function valueTitle(field: string, value: string): string {
  const tables: Record<string, Record<string, Say>> = {
    status: statuses,
    type: kinds,
    orientation: shapes,
    color: colors,
    license: licenses,
  };
  if (field === 'area')
    return value
      .split(',')
      .map((d) => Number(d).toFixed(1))
      .join(', ');
  const table = tables[field] ?? (isBoolean(field) ? answers : undefined);
  return table ? find(table, value.toLowerCase()) : (termLabels.get(`${field}:${value}`) ?? value);
}
