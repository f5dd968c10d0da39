import { m } from './paraglide/messages';

type Say = () => string;
const statuses: Record<string, Say> = { draft: m.status_draft, in_review: m.status_in_review, approved: m.status_approved, rejected: m.status_rejected, archived: m.status_archived };
const tones: Record<string, string> = { in_review: 'warn', approved: 'ok', rejected: 'bad' };
const kinds: Record<string, Say> = { image: m.kind_image, video: m.kind_video, audio: m.kind_audio, document: m.kind_document, other: m.kind_other };
const ranks: Record<string, Say> = { viewer: m.role_viewer, contributor: m.role_contributor, editor: m.role_editor, publisher: m.role_publisher, admin: m.role_admin };
const rankHints: Record<string, Say> = { viewer: m.role_viewer_hint, contributor: m.role_contributor_hint, editor: m.role_editor_hint, publisher: m.role_publisher_hint, admin: m.role_admin_hint };
const states: Record<string, Say> = {
  planned: m.pub_planned, leased: m.pub_preparing, preparing: m.pub_preparing, committing: m.pub_committing, delivered: m.pub_delivered,
  unknown: m.pub_unconfirmed, unconfirmed: m.pub_unconfirmed, failed: m.pub_failed, recalling: m.pub_recalling, recalled: m.pub_recalled, cancelled: m.pub_cancelled,
  manual: m.pub_manual, healthy: m.ch_healthy, degraded: m.ch_degraded, reconnect: m.ch_reconnect, paused: m.ch_paused,
  pending: m.state_waiting, waiting: m.state_waiting, running: m.state_running, parked: m.state_parked, done: m.state_done, dead: m.state_parked, ok: m.ch_healthy,
};
const stateTones: Record<string, string> = {
  delivered: 'ok', healthy: 'ok', ok: 'ok', failed: 'bad', reconnect: 'bad', parked: 'bad', dead: 'bad', unknown: 'warn', unconfirmed: 'warn',
  degraded: 'warn', manual: 'warn', committing: 'accent', preparing: 'accent', running: 'accent', recalling: 'accent',
};

const find = (table: Record<string, Say>, key: string) => table[key]?.() ?? key;
export const statusName = (s: string) => find(statuses, s);
export const statusTone = (s: string) => tones[s] ?? '';
export const kindName = (s: string) => find(kinds, s);
export const roleName = (s: string) => find(ranks, s);
export const roleHint = (s: string) => find(rankHints, s);
export const stateName = (s: string) => find(states, s);
export const stateTone = (s: string) => stateTones[s] ?? '';
export const statusList = Object.keys(statuses);
export const kindList = Object.keys(kinds);
