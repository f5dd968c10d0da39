import { api, Failure, take } from '../api/client';
import { chosenBy, ended, undoable, type Change, type Job, type JobFailure } from './job';
import { live } from '../api/live.svelte';
import { notices } from '../ui/toasts.svelte';
import type { Filters } from './results.svelte';
import type { Selection } from './selection.svelte';
import { session } from '../api/session.svelte';

type Step = 'cancel' | 'retry' | 'undo';
const POLL = 500;

/** The bulk jobs of the person who is signed in: those that run, and those that can be undone. */
class Bulk {
  jobs = $state<Job[]>([]);
  #put = new Set<string>();
  #timer = 0;
  #listening = false;

  /** Finds the jobs that an earlier visit began. */
  async restore(): Promise<void> {
    if (!session.can('edit_own')) return;
    this.#listen();
    const list =
      (await take(api.GET('/api/bulk', { params: { query: { limit: 20 } } })).catch(() => undefined))?.items ?? [];
    const mine = list.filter((j) => j.created_by === session.me?.user.id && !this.#put.has(j.id));
    // What runs, and the newest of what can be taken back: more would be a history.
    const newest = mine.find((j) => undoable(j));
    for (const j of mine.reverse()) if (!ended(j) || j === newest) this.#take(j);
  }

  async start(selection: Selection, filters: Filters, change: Change): Promise<void> {
    this.#listen();
    try {
      this.#take(await take(api.POST('/api/assets/bulk', { body: { ...chosenBy(selection, filters), change } })));
    } catch (e) {
      notices.fail(e);
    }
  }
  async steer(j: Job, step: Step): Promise<void> {
    try {
      const at = { params: { path: { id: j.id } } };
      const steps = {
        cancel: () => take(api.POST('/api/bulk/{id}/cancel', at)),
        retry: () => take(api.POST('/api/bulk/{id}/retry', at)),
        undo: () => take(api.POST('/api/bulk/{id}/undo', at)),
      };
      const next = await steps[step]();
      if (next.id !== j.id) this.drop(j);
      this.#put.delete(next.id);
      this.#take(next);
    } catch (e) {
      notices.fail(e);
    }
  }
  async failures(j: Job): Promise<JobFailure[]> {
    return (
      (await take(api.GET('/api/bulk/{id}/failures', { params: { path: { id: j.id }, query: { limit: 200 } } })))
        .items ?? []
    );
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
    else if (!this.#put.has(j.id)) this.jobs = [j, ...this.jobs].sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
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
        this.#take(await take(api.GET('/api/bulk/{id}', { params: { path: { id: j.id } } })));
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
