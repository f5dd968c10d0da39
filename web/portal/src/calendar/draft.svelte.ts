import { api, Failure, ifMatch, take, type Schemas } from '../api/client';

export type Post = Schemas['PublishInput'];
export type Draft = Schemas['NamedDraft'];
export type DraftEntry = Schemas['DraftEntry'];

export const drafts = async (): Promise<Draft[]> =>
  (await take(api.GET('/api/publications/drafts', { params: { query: { limit: 200 } } }))).items ?? [];
export const readDraft = async (id: string): Promise<Draft> =>
  await take(api.GET('/api/publications/drafts/{id}', { params: { path: { id } } }));
export const deleteDraft = async (id: string): Promise<Draft> =>
  await take(api.DELETE('/api/publications/drafts/{id}', { params: { path: { id } } }));
export const restoreDraft = async (id: string): Promise<Draft> =>
  await take(api.POST('/api/publications/drafts/{id}/restore', { params: { path: { id } } }));
export const draftHistory = async (id: string): Promise<DraftEntry[]> =>
  (await take(api.GET('/api/publications/drafts/{id}/history', { params: { path: { id } } }))).items ?? [];

const PAUSE = 800;

/** What somebody composes, kept on the server a moment after each change, one save after the other. */
export class Keeper {
  draft = $state.raw<Draft>();
  failure = $state.raw<Failure>();
  state = $state<'' | 'saving' | 'saved'>('');
  #kept = '';
  #next: Post | undefined;
  #timer = 0;
  #busy: Promise<void> | undefined;
  #ended = false;

  /** Goes on with a draft: what it says now needs no save. */
  open(d: Draft, post: Post): void {
    this.draft = d;
    this.#kept = JSON.stringify(post);
    this.failure = undefined;
    this.state = 'saved';
  }
  /** What the form says: after open, it is what is known already. */
  change(post: Post): void {
    const text = JSON.stringify(post);
    if (this.#ended || text === this.#kept) return;
    this.#kept = text;
    this.#next = post;
    this.state = 'saving';
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.flush(), PAUSE);
  }
  /** Saves what has not been saved; resolves when all of it is. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    return (this.#busy ??= this.#save().finally(() => (this.#busy = undefined)));
  }
  async #save(): Promise<void> {
    while (this.#next) {
      const post = this.#next;
      this.#next = undefined;
      try {
        const d = this.draft;
        if (d)
          this.draft = await take(
            api.PUT('/api/publications/drafts/{id}', {
              params: { path: { id: d.id } },
              headers: ifMatch(d),
              body: post,
            }),
          );
        else {
          const made = await take(api.POST('/api/publications', { body: { ...post, draft: true } }));
          this.draft = await readDraft(made.id);
        }
        this.failure = undefined;
      } catch (e) {
        this.failure = Failure.of(e);
        this.#next ??= post; // the next change, or leaving, tries again
        return;
      }
    }
    this.state = 'saved';
  }
  /** Puts this in the place of what somebody else has saved meanwhile. */
  async overwrite(): Promise<void> {
    const d = this.draft;
    if (!d) return;
    this.draft = await readDraft(d.id);
    await this.flush();
  }
  /** Nothing is saved any more: the draft has been planned. */
  end(): void {
    this.#ended = true;
    this.#next = undefined;
    clearTimeout(this.#timer);
  }
  again(): void {
    this.#ended = false;
  }
}
