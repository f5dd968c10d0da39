/** The address is the state: the screen, the open asset, the filters. Small on purpose. */
export type Screen =
  | 'library'
  | 'asset'
  | 'collections'
  | 'duplicates'
  | 'quarantine'
  | 'people'
  | 'tokens'
  | 'products'
  | 'lookup'
  | 'presets'
  | 'channels'
  | 'calendar'
  | 'compose'
  | 'publications'
  | 'webhooks'
  | 'system'
  | 'hold'
  | 'fields'
  | 'synonyms'
  | 'account'
  | 'unknown';

export interface Place {
  screen: Screen;
  id: string;
  query: URLSearchParams;
}

const screens: Record<string, Screen> = {
  '': 'library',
  collections: 'collections',
  duplicates: 'duplicates',
  quarantine: 'quarantine',
  people: 'people',
  tokens: 'tokens',
  products: 'products',
  lookup: 'lookup',
  presets: 'presets',
  channels: 'channels',
  calendar: 'calendar',
  compose: 'compose',
  publications: 'publications',
  webhooks: 'webhooks',
  system: 'system',
  hold: 'hold',
  fields: 'fields',
  synonyms: 'synonyms',
  account: 'account',
};

export function parse(path: string, search: string): Place {
  const query = new URLSearchParams(search);
  const [head = '', id = '', more] = path.replace(/^\/+|\/+$/g, '').split('/');
  if (more !== undefined) return { screen: 'unknown', id: '', query };
  if (head === 'assets' && id) return { screen: 'asset', id: decodeURIComponent(id), query };
  const screen = screens[head];
  if (
    !screen ||
    (id && screen !== 'channels' && screen !== 'webhooks' && screen !== 'publications') ||
    (!id && screen === 'publications')
  )
    return { screen: 'unknown', id: '', query };
  return { screen, id: decodeURIComponent(id), query };
}

/** The query string of a set of parameters; empty ones are left out, so that equal places have equal addresses. */
export function search(params: Record<string, string>): string {
  const q = new URLSearchParams();
  for (const [k, v] of Object.entries(params)) if (v) q.set(k, v);
  const s = q.toString();
  return s ? '?' + s : '';
}

class Router {
  place = $state.raw<Place>({ screen: 'library', id: '', query: new URLSearchParams() });
  /** How many of our own places lie behind this one: whether Back stays in the portal. */
  depth = 0;
  #leaving = new Set<() => void>();

  start(): void {
    const read = () => {
      this.depth = history.state?.depth ?? 0;
      this.place = parse(location.pathname, location.search);
    };
    addEventListener('popstate', read);
    addEventListener('click', (e) => {
      const a = e.target instanceof Element ? e.target.closest('a') : null;
      if (!a || e.defaultPrevented || e.button || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
      if (
        a.target ||
        a.hasAttribute('download') ||
        a.origin !== location.origin ||
        /^\/(api|r|p|t|signage)\//.test(a.pathname) ||
        a.getAttribute('href')?.startsWith('#')
      )
        return;
      e.preventDefault();
      this.go(a.pathname + a.search);
    });
    read();
  }

  /** Registers work to do before the place changes, such as noting a scroll position. Returns how to unregister. */
  beforeLeave(f: () => void): () => void {
    this.#leaving.add(f);
    return () => this.#leaving.delete(f);
  }

  go(address: string, how: { replace?: boolean } = {}): void {
    if (how.replace) {
      history.replaceState(history.state, '', address);
    } else {
      for (const f of this.#leaving) f();
      this.depth++;
      history.pushState({ depth: this.depth }, '', address);
    }
    const u = new URL(address, location.href);
    this.place = parse(u.pathname, u.search);
  }

  /** Goes back inside the portal, or to `fallback` when this place was opened from outside. */
  back(fallback: string): void {
    if (this.depth > 0) history.back();
    else this.go(fallback, { replace: true });
  }
}

export const router = new Router();
