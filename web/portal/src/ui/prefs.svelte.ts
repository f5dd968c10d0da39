/** What a person likes on this device. */
const kept = (key: string, or: string) => {
  try {
    return localStorage.getItem('vitrine.' + key) ?? or;
  } catch {
    return or; // storage is switched off: the defaults are fine
  }
};

class Prefs {
  theme = $state(kept('theme', 'auto'));
  density = $state(kept('density', 'medium'));
  keys = $state(kept('keys', 'on'));
  /** Whether the filters stand beside the pictures, and which of them are unfolded. */
  panel = $state(kept('panel', 'on'));
  facets = $state(kept('facets', 'status,type,tag'));

  set(key: 'theme' | 'density' | 'keys' | 'panel' | 'facets', value: string): void {
    this[key] = value;
    try {
      localStorage.setItem('vitrine.' + key, value);
    } catch {
      // kept for this visit only
    }
    if (key === 'theme') this.apply();
  }
  apply(): void {
    document.documentElement.style.colorScheme = this.theme === 'auto' ? '' : this.theme;
  }
}

export const prefs = new Prefs();
