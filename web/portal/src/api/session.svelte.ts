import { api, onSignedOut, take, type Role, type Schemas, type Text } from './client';
import { getLocale } from '../i18n/paraglide/runtime';

/** Who is signed in: a person, for a token has no session. */
type Me = Schemas['Identity'] & { user: Schemas['User'] };
const person = (i: Schemas['Identity']): Me | undefined => i.user && { ...i, user: i.user };

const ranks: Role[] = ['viewer', 'contributor', 'editor', 'publisher', 'admin'];

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
      this.me = person(await take(api.GET('/api/me')));
    } catch {
      this.me = undefined;
    }
    this.ready = true;
  }

  async signIn(email: string, password: string): Promise<void> {
    this.me = person(await take(api.POST('/api/login', { body: { email, password } })));
    this.expired = false;
  }

  async signOut(): Promise<void> {
    await take(api.POST('/api/logout'));
    this.me = undefined;
    this.expired = false;
  }

  can(role: Role): boolean {
    return !!this.me && ranks.indexOf(this.me.role) >= ranks.indexOf(role);
  }

  /** Contributors edit what they uploaded themselves, editors everything; nobody what is in the bin. */
  mayEdit(a: { created_by: string; deleted_at?: string }): boolean {
    return !a.deleted_at && (this.can('editor') || (this.can('contributor') && a.created_by === this.me?.user.id));
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
export const roles = ranks;
