import { api, Failure, ifMatch, randomKey, take, type Schemas } from '../api/client';

export type Post = Schemas['PublishInput'];
export type Draft = Schemas['NamedDraft'];
export type DraftEntry = Schemas['DraftEntry'];

export async function drafts(): Promise<Draft[]> {
  const all: Draft[] = [];
  for (let after = ''; ;) {
    const page = await take(
      api.GET('/api/publications/drafts', { params: { query: { limit: 200, ...(after && { after }) } } }),
    );
    all.push(...page.items);
    if (!page.next) return all;
    after = page.next;
  }
}
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
  /** A save whose answer was lost is the same save again. */
  #key = '';
  /** The creation whose answer is still out: repeated, it makes the same draft. */
  #creating: { post: Post; key: string } | undefined;
  #timer = 0;
  #busy: Promise<void> | undefined;
  #ended = false;

  /** Goes on with a draft: what it says now needs no save, and what was to be saved is let go. */
  open(d: Draft, post: Post): void {
    clearTimeout(this.#timer);
    this.#next = undefined;
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
    this.#key = randomKey();
    this.state = 'saving';
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.flush(), PAUSE);
  }
  /** Whether something isn't saved yet. */
  get behind(): boolean {
    return !!this.#next || !!this.#busy;
  }
  /** Saves what has not been saved; resolves when all of it is. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    return (this.#busy ??= this.#save().finally(() => (this.#busy = undefined)));
  }
  async #save(): Promise<void> {
    while (this.#next) {
      const [post, key] = [this.#next, this.#key];
      this.#next = undefined;
      try {
        this.draft = await this.#put(post, key);
        this.failure = undefined;
      } catch (e) {
        this.failure = Failure.of(e);
        this.#next ??= post; // the next change, or leaving, tries again
        return;
      }
    }
    this.state = 'saved';
  }
  async #put(post: Post, key: string): Promise<Draft> {
    const d = this.draft;
    const headers = { 'Idempotency-Key': key };
    if (d) {
      try {
        const params = { path: { id: d.id } };
        return await take(
          api.PUT('/api/publications/drafts/{id}', { params, headers: { ...headers, ...ifMatch(d) }, body: post }),
        );
      } catch (e) {
        // Gone with an erased picture, or no longer this person's: what they write is a draft of its own.
        if (Failure.of(e).status !== 404) throw e;
        this.draft = undefined;
      }
    }
    const first = (this.#creating ??= { post, key: key + '-new' });
    try {
      const headers = { 'Idempotency-Key': first.key };
      const made = await take(api.POST('/api/publications', { body: { ...first.post, draft: true }, headers }));
      this.draft = await readDraft(made.id);
    } catch (e) {
      if (Failure.of(e).code !== 'offline') this.#creating = undefined;
      throw e;
    }
    this.#creating = undefined;
    return first.post === post ? this.draft : await this.#put(post, key);
  }
  /** The draft has become something: what is still written is a draft of its own. */
  letGo(): void {
    this.draft = undefined;
    this.#kept = '';
  }
  /** Puts this in the place of what somebody else has saved meanwhile; a deleted draft comes back. */
  async overwrite(): Promise<void> {
    const d = this.draft;
    if (!d) return;
    try {
      this.draft = await readDraft(d.id);
      if (this.draft.state === 'deleted') this.draft = await restoreDraft(d.id);
    } catch (e) {
      this.failure = Failure.of(e);
      return;
    }
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
