import { api, Failure, take } from './api';
import { live } from './live.svelte';
import { notices } from './notices.svelte';
import type { Filters } from './results.svelte';
import type { Selection } from './selection.svelte';
import { session } from './session.svelte';

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
type Step = 'cancel' | 'retry' | 'undo';

export const ended = (j: Job) => j.state !== 'collecting' && j.state !== 'running';
/** Whether a job can still be taken back. */
export const undoable = (j: Job, now = Date.now()) => ended(j) && !j.undone_by && !j.undoes && !!j.undo_until && Date.parse(j.undo_until) > now;

/** What a selection means to the server: a query with exceptions, or the assets themselves. */
export function chosenBy(selection: Selection, filters: Filters) {
  const ids = [...selection.ids];
  return selection.all ? { filter: { ...(filters.q && { q: filters.q }), ...(filters.bin && { bin: true }) }, ...(ids.length && { except: ids }) } : { filter: { assets: ids, ...(filters.bin && { bin: true }) } };
}

const POLL = 500;

/** The bulk jobs of the person who is signed in: those that run, and those that can be undone. */
class Bulk {
  jobs = $state<Job[]>([]);
  #put = new Set<string>();
  #timer = 0;
  #listening = false;

  /** Finds the jobs that an earlier visit began. */
  async restore(): Promise<void> {
    if (!session.can('contributor')) return;
    this.#listen();
    const list = ((await take(api.GET('/api/bulk', { params: { query: { limit: 20 } } })).catch(() => undefined))?.items ?? []) as Job[];
    for (const j of list) if (j.created_by === session.me?.user.id && (!ended(j) || undoable(j)) && !this.#put.has(j.id)) this.#take(j);
  }

  async start(selection: Selection, filters: Filters, change: Change): Promise<void> {
    this.#listen();
    try {
      this.#take((await take(api.POST('/api/assets/bulk', { body: { ...chosenBy(selection, filters), change } as never }))) as Job);
    } catch (e) {
      notices.fail(e);
    }
  }
  async steer(j: Job, step: Step): Promise<void> {
    try {
      const next = (await take(api.POST(`/api/bulk/{id}/${step}`, { params: { path: { id: j.id } } }))) as Job;
      if (next.id !== j.id) this.drop(j);
      this.#put.delete(next.id);
      this.#take(next);
    } catch (e) {
      notices.fail(e);
    }
  }
  async failures(j: Job): Promise<JobFailure[]> {
    return ((await take(api.GET('/api/bulk/{id}/failures', { params: { path: { id: j.id }, query: { limit: 200 } } }))).items ?? []) as JobFailure[];
  }
  /** Takes a job off the page; it goes on. */
  drop(j: Job): void {
    this.jobs = this.jobs.filter((x) => x.id !== j.id);
  }
  clear(): void {
    this.jobs = [];
    this.#put.clear();
  }

  #take(j: Job): void {
    const at = this.jobs.findIndex((x) => x.id === j.id);
    const before = this.jobs[at];
    if (at >= 0) this.jobs[at] = j;
    else if (!this.#put.has(j.id)) this.jobs.unshift(j);
    this.#put.add(j.id);
    if (ended(j) && (!before || !ended(before)) && undoable(j)) notices.last(() => this.steer(j, 'undo'));
    if (!ended(j)) this.#again();
  }
  #again(): void {
    if (!this.#timer) this.#timer = window.setTimeout(() => void this.#look(), POLL);
  }
  async #look(): Promise<void> {
    this.#timer = 0;
    for (const j of this.jobs.filter((x) => !ended(x))) {
      try {
        this.#take((await take(api.GET('/api/bulk/{id}', { params: { path: { id: j.id } } }))) as Job);
      } catch (e) {
        if (e instanceof Failure && e.status === 404) this.drop(j);
        else this.#again();
      }
    }
  }
  // The event tells of the end at once; asking tells of the way there.
  #listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    live.on((e) => {
      if (e.type === 'bulk.ended' && this.jobs.some((j) => !ended(j))) {
        clearTimeout(this.#timer);
        void this.#look();
      }
    });
  }
}

export const bulk = new Bulk();
