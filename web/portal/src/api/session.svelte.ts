import { api, Failure, onSignedOut, take, type Schemas, type Text } from './client';
import type { Permission } from './generated/descriptors';
import { scope } from './scope';
import { getLocale } from '../i18n/paraglide/runtime';

/** Who is signed in: a person, for a token has no session. */
type Me = Schemas['Identity'] & { user: Schemas['User'] };

class Session {
  me = $state.raw<Me>();
  ready = $state(false);
  /** True after a signed-in person's session ended by itself, to say so on the sign-in page. */
  expired = $state(false);

  async start(): Promise<void> {
    onSignedOut(() => {
      if (this.me) this.expired = true;
      this.me = undefined;
    });
    try {
      await this.refresh();
    } catch {
      this.me = undefined;
    }
    this.ready = true;
  }

  async signIn(email: string, password: string): Promise<void> {
    const asked = scope.library;
    const me = await take(api.POST('/api/login', { body: { email, password } }));
    if (asked && asked !== me.library.id && me.libraries.some((l) => l.id === asked)) await this.refresh();
    else this.#enter(me);
    this.expired = false;
  }

  /** Reads anew who is signed in and what the library is called. */
  async refresh(): Promise<void> {
    try {
      this.#enter(await take(api.GET('/api/me')));
    } catch (e) {
      // The library of the address, or the last one on this device, isn't theirs: they go home.
      if (!scope.library || !(e instanceof Failure) || e.status !== 403) throw e;
      scope.library = '';
      this.#enter(await take(api.GET('/api/me')));
    }
  }

  #enter(i: Schemas['Identity']): void {
    if (i.user) scope.enter(i.library.id, i.libraries.length > 1);
    this.me = i.user && { ...i, user: i.user };
  }

  async signOut(): Promise<void> {
    await take(api.POST('/api/logout'));
    this.me = undefined;
    this.expired = false;
  }

  /** The library's time zone; one without, as the server has it, lives in UTC. */
  get zone(): string {
    return this.me?.library.zone || 'UTC';
  }

  /** Whether the person's role in the library has a permission. */
  can(needs: Permission): boolean {
    return !!this.me?.permissions.includes(needs);
  }

  /** What one has added takes one permission, everything else another; nobody edits what is in the bin. */
  mayEdit(a: { created_by: string; deleted_at?: string }): boolean {
    return !a.deleted_at && (this.can('edit_all') || (this.can('edit_own') && a.created_by === this.me?.user.id));
  }

  /** A localised text as this person reads it: own language, then the library's, then any. */
  text(t: Text | undefined): string {
    if (!t) return '';
    for (let l: string = getLocale(); l; l = l.includes('-') ? l.slice(0, l.lastIndexOf('-')) : '')
      if (t[l]) return t[l] ?? '';
    return t[this.me?.library.locale ?? ''] || Object.values(t).find(Boolean) || '';
  }
}

export const session = new Session();
