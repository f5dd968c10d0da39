import { api, Failure, ifMatch, readAsset, take, type Asset } from './api';
import { params, type Filters, type Results } from './results.svelte';
import type { Selection } from './selection.svelte';

const AT_ONCE = 4;

/** What a bulk step needs to know of an asset; whole assets would fill the memory at 100,000. */
export interface Slim {
  id: string;
  revision: number;
  tags: string[];
  collections: string[];
}
const slim = ({ id, revision, tags, collections }: Asset): Slim => ({ id, revision, tags: tags ?? [], collections: collections ?? [] });

/** Does one step for an asset; when somebody else was faster, reads it anew and tries once more. */
export async function persist(a: Slim, step: (a: Slim, headers: { 'If-Match': string }) => Promise<unknown>): Promise<unknown> {
  try {
    return await step(a, ifMatch(a));
  } catch (e) {
    if (!(e instanceof Failure) || e.code !== 'stale') throw e;
    const now = slim(await readAsset(a.id));
    return await step(now, ifMatch(now));
  }
}

export class Job {
  state = $state<'gathering' | 'running' | 'done'>('gathering');
  done = $state(0);
  total = $state(0);
  failed = $state.raw<{ asset: Slim; failure: Failure }[]>([]);
  undo: (() => void) | undefined;
  /** The assets the step has been done for, for an undo. */
  readonly ok: Slim[] = [];
  #stopped = false;

  constructor(
    readonly id: number,
    readonly title: string,
    readonly step: (batch: Slim[]) => Promise<unknown>,
    readonly batch: number,
    readonly finished: (job: Job) => void,
  ) {}

  async run(assets: Slim[]): Promise<void> {
    this.state = 'running';
    this.total = this.done + assets.length;
    const queue: Slim[][] = [];
    for (let i = 0; i < assets.length; i += this.batch) queue.push(assets.slice(i, i + this.batch));
    const worker = async () => {
      for (let b = queue.shift(); b && !this.#stopped; b = queue.shift()) {
        try {
          await this.step(b);
          this.done += b.length;
          this.ok.push(...b);
        } catch (e) {
          const failure = e instanceof Failure ? e : new Failure({ detail: String(e) });
          this.failed = [...this.failed, ...b.map((asset) => ({ asset, failure }))];
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    this.state = 'done';
    this.finished(this);
  }
  retry(): void {
    const again = this.failed.map((f) => f.asset);
    this.failed = [];
    void this.run(again);
  }
  stop(): void {
    this.#stopped = true;
  }
}

/** Work on many assets: a request for each, four at a time, with what failed kept to be tried again. */
class Bulk {
  jobs = $state<Job[]>([]);
  #next = 1;

  /** The assets a selection means, read through the cursor so that changes meanwhile neither skip nor repeat one. */
  async gather(selection: Selection, results: Results): Promise<Slim[]> {
    if (!selection.all) {
      return await Promise.all([...selection.ids].map(async (id) => {
        const i = results.indexOf(id);
        return slim(i >= 0 ? results.at(i)! : await readAsset(id));
      }));
    }
    const out: Slim[] = [];
    const filters: Filters = { ...results.filters };
    const except = selection.ids;
    for (let after = ''; ; ) {
      const page = await take(api.GET('/api/assets', { params: { query: { ...params(filters), limit: 200, ...(after && { after }) } } }));
      for (const a of (page.items ?? []) as Asset[]) if (!except.has(a.id)) out.push(slim(a));
      after = page.next ?? '';
      if (!after) return out;
    }
  }

  async start(title: string, assets: Promise<Slim[]> | Slim[], step: (batch: Slim[]) => Promise<unknown>, how: { batch?: number; undo?: (done: Slim[]) => void } = {}): Promise<void> {
    const job = new Job(this.#next++, title, step, how.batch ?? 1, (j) => {
      if (!j.failed.length) setTimeout(() => this.drop(j), 10_000);
    });
    if (how.undo) job.undo = () => how.undo!(job.ok);
    this.jobs.push(job);
    try {
      await job.run(await assets);
    } catch (e) {
      job.failed = [{ asset: { id: '', revision: 0, tags: [], collections: [] }, failure: e instanceof Failure ? e : new Failure({ detail: String(e) }) }];
      job.state = 'done';
    }
  }
  drop(job: Job): void {
    this.jobs = this.jobs.filter((j) => j.id !== job.id);
  }
}

export const bulk = new Bulk();
