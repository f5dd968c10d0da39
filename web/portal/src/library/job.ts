import { scope } from '../api/scope';
import type { Schemas } from '../api/client';
import type { Filters } from './results.svelte';
import type { Selection } from './selection.svelte';

/** What a bulk job does to each asset. */
export type Change = Schemas['BulkChange'];
export type Job = Schemas['Bulk'];
export type JobFailure = Schemas['BulkFailure'];

export const ended = (j: Job) => j.state !== 'collecting' && j.state !== 'running';
/** Whether a job can still be taken back. */
export const undoable = (j: Job, now = Date.now()) =>
  ended(j) && !j.undone_by && !j.undoes && !!j.undo_until && Date.parse(j.undo_until) > now;

/** What a selection means to the server: a query with exceptions, or the assets themselves. */
export function chosenBy(selection: Selection, filters: Filters): Pick<Schemas['Request'], 'filter' | 'except'> {
  const ids = [...selection.ids];
  const bin = filters.bin || undefined;
  return selection.all
    ? { filter: { q: filters.q || undefined, bin }, except: ids.length ? ids : undefined }
    : { filter: { assets: ids, bin } };
}

/** The same as an address of the export; "" when so many single assets do not fit into a query. */
export function exportOf(selection: Selection, filters: Filters, format: string): string {
  const ids = [...selection.ids];
  const list = ids.length ? `${selection.all ? '-' : ''}id:${ids.join(',')}` : '';
  const q = selection.all
    ? [list && /\bOR\b/.test(filters.q) ? `(${filters.q})` : filters.q, list].filter(Boolean).join(' ')
    : list;
  if (q.length > 1900) return '';
  const query = new URLSearchParams({
    ...(q && { q }),
    ...(filters.bin && { bin: 'true' }),
    ...(filters.sort && { sort: filters.sort }),
    format,
  });
  return scope.within(`/api/assets/export?${query}`);
}
