import { scope } from '../api/scope';
/** The address is the state: the screen, the open asset, the filters. Small on purpose. */
export interface Place {
  /** The name that the screen has in the table of routes; unknown for an address of none. */
  screen: string;
  id: string;
  query: URLSearchParams;
}

/** How a screen is addressed: /path or /path/id. */
export interface Address {
  screen: string;
  /** The first part of the address; the screen's name when left out. */
  path?: string;
  /** Whether an id follows; none may when left out. */
  id?: 'optional' | 'required';
}

export function parse(path: string, search: string, addresses: Address[]): Place {
  const query = new URLSearchParams(search);
  const [head = '', id = '', more] = path.replace(/^\/+|\/+$/g, '').split('/');
  const found = addresses.find((a) => (a.path ?? a.screen) === head);
  const fits = found && more === undefined && (id ? found.id !== undefined : found.id !== 'required');
  return fits ? { screen: found.screen, id: decodeURIComponent(id), query } : { screen: 'unknown', id: '', query };
}

/** The query string of a set of parameters; empty ones are left out, so that equal places have equal addresses. */
export function search(params: Record<string, string>): string {
  const q = new URLSearchParams();
  for (const [k, v] of Object.entries(params)) if (v) q.set(k, v);
  const s = q.toString();
  return s ? '?' + s : '';
}

/** Whether a link leads out of this page: to a file, another site, or another library. */
const elsewhere = (a: HTMLAnchorElement) =>
  a.hasAttribute('download') ||
  a.origin !== location.origin ||
  scope.leaves(new URL(a.href)) ||
  /^\/(api|r|p|t|signage)\//.test(a.pathname);

class Router {
  place = $state.raw<Place>({ screen: 'library', id: '', query: new URLSearchParams() });
  /** How many of our own places lie behind this one: whether Back stays in the portal. */
  depth = 0;
  #addresses: Address[] = [];
  #leaving = new Set<() => void>();

  start(addresses: Address[]): void {
    this.#addresses = addresses;
    const read = () => {
      this.depth = history.state?.depth ?? 0;
      this.place = parse(location.pathname, location.search, this.#addresses);
    };
    addEventListener('popstate', read);
    // A link that is opened in another tab, or copied, leads to this page's library.
    const complete = (e: Event) => {
      const a = e.target instanceof Element ? e.target.closest('a') : null;
      const href = a?.getAttribute('href');
      if (a && href?.startsWith('/') && !elsewhere(a)) a.setAttribute('href', scope.within(href));
    };
    for (const name of ['pointerdown', 'contextmenu', 'keydown']) addEventListener(name, complete, true);
    addEventListener('click', (e) => {
      const a = e.target instanceof Element ? e.target.closest('a') : null;
      if (!a || e.defaultPrevented || e.button || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
      if (a.target || elsewhere(a) || a.getAttribute('href')?.startsWith('#')) return;
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
    address = scope.within(address);
    if (how.replace) {
      history.replaceState(history.state, '', address);
    } else {
      for (const f of this.#leaving) f();
      this.depth++;
      history.pushState({ depth: this.depth }, '', address);
    }
    const u = new URL(address, location.href);
    this.place = parse(u.pathname, u.search, this.#addresses);
  }

  /** Goes back inside the portal, or to `fallback` when this place was opened from outside. */
  back(fallback: string): void {
    if (this.depth > 0) history.back();
    else this.go(fallback, { replace: true });
  }
}

export const router = new Router();
