import type { Filters } from './results.svelte';
import type { Selection } from './selection.svelte';

/** What a bulk job does to each asset. */
export interface Change {
  set?: Record<string, unknown>;
  add_tags?: string[];
  remove_tags?: string[];
  add_collection?: string;
  remove_collection?: string;
  action?: 'submit' | 'approve' | 'reject' | 'archive' | 'restore' | 'delete' | 'undelete';
  comment?: string;
}

/** A job as the server tells it. */
export interface Job {
  id: string;
  state: 'collecting' | 'running' | 'done' | 'cancelled' | 'failed';
  change: Change;
  total: number;
  done: number;
  failed: number;
  note?: string;
  undoes?: string;
  undone_by?: string;
  undo_until?: string;
  created_at: string;
  created_by: string;
}
export interface JobFailure {
  asset: string;
  message: string;
  remedy?: string;
}

export const ended = (j: Job) => j.state !== 'collecting' && j.state !== 'running';
/** Whether a job can still be taken back. */
export const undoable = (j: Job, now = Date.now()) => ended(j) && !j.undone_by && !j.undoes && !!j.undo_until && Date.parse(j.undo_until) > now;

/** What a selection means to the server: a query with exceptions, or the assets themselves. */
export function chosenBy(selection: Selection, filters: Filters) {
  const ids = [...selection.ids];
  return selection.all ? { filter: { ...(filters.q && { q: filters.q }), ...(filters.bin && { bin: true }) }, ...(ids.length && { except: ids }) } : { filter: { assets: ids, ...(filters.bin && { bin: true }) } };
}

/** The same as an address of the export; "" when so many single assets do not fit into a query. */
export function exportOf(selection: Selection, filters: Filters, format: string): string {
  const ids = [...selection.ids];
  const list = ids.length ? `${selection.all ? '-' : ''}id:${ids.join(',')}` : '';
  const q = selection.all ? [list && /\bOR\b/.test(filters.q) ? `(${filters.q})` : filters.q, list].filter(Boolean).join(' ') : list;
  if (q.length > 1900) return '';
  return '/api/assets/export?' + new URLSearchParams({ ...(q && { q }), ...(filters.bin && { bin: 'true' }), ...(filters.sort && { sort: filters.sort }), format });
}
