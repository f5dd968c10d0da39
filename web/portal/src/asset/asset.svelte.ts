import { api, Failure, ifMatch, readAsset, take, type Asset } from '../api/client';
import type { Point, Zone } from './crop';
import { notices } from '../ui/toasts.svelte';
import { m } from '../i18n/paraglide/messages';
import { applied, changes, clashes, inverse, type Clash, type Patch } from './patch';
import { statusName } from '../ui/labels';

export type Step = 'submit' | 'approve' | 'reject' | 'archive' | 'restore';

const steps: Record<Step, string[]> = {
  submit: ['draft', 'rejected'],
  approve: ['draft', 'in_review', 'rejected'],
  reject: ['draft', 'in_review', 'approved'],
  archive: ['draft', 'in_review', 'approved', 'rejected'],
  restore: ['archived'],
};
/** Whether a review step is possible from a status. */
export const possible = (step: Step, status: string) => steps[step].includes(status);

/** One open asset: what is shown, what is on its way to the server, and what to do when somebody else was faster. */
export class OpenAsset {
  asset = $state.raw<Asset>();
  failure = $state.raw<Failure>();
  saving = $state(0);
  /** Set while a person has to choose between two texts. */
  conflict = $state.raw<{ clashes: Clash[]; patch: Patch; now: Asset }>();
  /** What is being dragged and not saved yet. */
  draft = $state.raw<{ focal?: Point; zones?: Zone[] }>({});
  /** The preset whose own focal point is being set; "" for the asset's. */
  focalOf = $state('');
  /** Counts what was read anew, so that lists about the asset follow. */
  turn = $state(0);
  /** The version whose pictures have been there: they go on being shown while a moved crop makes new ones. */
  #pictured = '';
  #saved: Asset | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(
    readonly id: string,
    shown: Asset | undefined,
    readonly changed: (a: Asset) => void,
  ) {
    this.asset = this.#saved = shown;
    this.#notice(shown);
    void this.read();
  }
  #notice(a: Asset | undefined): void {
    if (a?.latest.renditions === 'ready') this.#pictured = a.latest.id;
  }
  /** Whether there are pictures of the newest version to show. */
  get pictured(): boolean {
    const v = this.asset?.latest;
    return v?.renditions === 'ready' || (v?.renditions === 'pending' && v.id === this.#pictured);
  }

  async read(): Promise<void> {
    try {
      const a = await readAsset(this.id);
      // A read that was under way while a change was saved answers what was true before it.
      if (!this.saving && a.revision >= (this.#saved?.revision ?? 0)) this.#take(a);
    } catch (e) {
      this.failure = Failure.of(e);
    }
  }
  #take(a: Asset): void {
    this.asset = this.#saved = a;
    this.#notice(a);
    this.failure = undefined;
    this.turn++;
    this.changed(a);
  }

  /** Saves a change at once, with an Undo. Changes go one after the other, each on the revision before it. */
  edit(patch: Patch, what: string): void {
    if (!this.asset || !changes(this.asset, patch)) return;
    this.asset = applied(this.asset, patch);
    this.saving++;
    this.#queue = this.#queue.then(async () => {
      const before = this.#saved;
      try {
        await this.#send(patch);
        notices.say(m.saved_field({ field: what }), before && (() => this.#again(inverse(before, patch))));
      } catch (e) {
        if (!this.conflict) {
          this.asset = this.#saved;
          notices.fail(e, m.not_saved({ field: what }));
        }
      }
      this.saving--;
    });
  }
  async #again(patch: Patch): Promise<void> {
    await this.#queue;
    await this.#send(patch);
  }

  async #send(patch: Patch): Promise<void> {
    const before = this.#saved;
    if (!before) return;
    const send = async (on: Asset) =>
      await take(
        api.PATCH('/api/assets/{id}', { params: { path: { id: this.id } }, headers: ifMatch(on), body: patch }),
      );
    try {
      this.#take(await send(before));
    } catch (e) {
      if (!(e instanceof Failure) || e.code !== 'stale') throw e;
      const now = await readAsset(this.id);
      const found = clashes(before, now, patch);
      if (found.length) {
        this.#take(now);
        this.conflict = { clashes: found, patch, now };
        throw e;
      }
      this.#take(await send(now));
      notices.say(m.merged());
    }
  }
  /** Ends a conflict: writes the own texts over the others', or leaves those. */
  async settle(mine: boolean): Promise<void> {
    const c = this.conflict;
    this.conflict = undefined;
    if (!c || !mine) return;
    try {
      await this.#send(c.patch);
    } catch (e) {
      notices.fail(e);
    }
  }

  /** A step of the review, shown at once and taken back when the server refuses it. */
  async act(step: Step, comment = ''): Promise<void> {
    const before = this.#saved;
    if (!before) return;
    await this.#queue;
    try {
      const a = await take(
        api.POST(`/api/assets/{id}/${step}`, {
          params: { path: { id: this.id } },
          headers: ifMatch(this.#saved ?? before),
          body: { version: before.latest.id, comment: comment || undefined },
        }),
      );
      this.#take(a);
      const back: Step | undefined = step === 'archive' ? 'restore' : step === 'restore' ? 'archive' : undefined;
      notices.say(m.now_status({ status: statusName(a.latest.status) }), back && (() => this.act(back)));
    } catch (e) {
      if (e instanceof Failure && e.code === 'stale') await this.read();
      notices.fail(e);
    }
  }

  async bin(): Promise<boolean> {
    const a = this.#saved;
    if (!a) return false;
    try {
      await take(api.DELETE('/api/assets/{id}', { params: { path: { id: this.id } }, headers: ifMatch(a) }));
      notices.say(m.moved_to_bin(), () => this.unbin());
      return true;
    } catch (e) {
      notices.fail(e);
      return false;
    }
  }
  async unbin(): Promise<void> {
    try {
      await take(api.POST('/api/assets/{id}/undelete', { params: { path: { id: this.id } } }));
      await this.read();
    } catch (e) {
      notices.fail(e);
    }
  }
}
