/**
 * The library that this page works in. Each request names it, so that another tab's choice can't change where this one
 * writes. Another library is another page: the switch loads it anew.
 */
const KEPT = 'vitrine.library';
const PARAMETER = 'library';
const HEADER = 'Vitrine-Library';

function remembered(): string {
  try {
    return localStorage.getItem(KEPT) ?? '';
  } catch {
    return ''; // storage is switched off: the server says where one is at home
  }
}

class Scope {
  /** The id of the library; '' for the server to choose. */
  library = '';
  /** Whether the person is in more than one library: addresses then say which one they mean. */
  several = false;

  /** Begins in the library of the address, or else in the last one on this device. */
  begin(query: string): void {
    this.library = new URLSearchParams(query).get(PARAMETER) ?? remembered();
  }
  /** Says where somebody has been let in. */
  enter(library: string, several: boolean): void {
    this.library = library;
    this.several = several;
    try {
      if (several) localStorage.setItem(KEPT, library);
      else localStorage.removeItem(KEPT);
    } catch {
      // chosen for this visit only
    }
  }
  /** Whether an address leads to another library than this page's. */
  leaves(address: URL): boolean {
    const asked = address.searchParams.get(PARAMETER);
    return this.several && !!asked && asked !== this.library;
  }
  /** An address with the library that it is in, where there are several. */
  within(address: string): string {
    if (!this.several) return address;
    const [path = '', query = ''] = address.split('?');
    const named = new URLSearchParams(query).get(PARAMETER);
    if (named === this.library) return address;
    if (named === null) return `${address}${query ? '&' : '?'}${PARAMETER}=${encodeURIComponent(this.library)}`;
    const q = new URLSearchParams(query);
    q.set(PARAMETER, this.library);
    return `${path}?${q}`;
  }
  /** The headers of a request that api doesn't send. */
  headers(library = this.library): Record<string, string> {
    return library ? { [HEADER]: library } : {};
  }
}

export const scope = new Scope();
