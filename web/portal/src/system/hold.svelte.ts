import { api, take, type Schemas } from '../api/client';
import { live } from '../api/live.svelte';
import { m } from '../i18n/paraglide/messages';

export type Held = Schemas['HeldView'];
export type Hold = Schemas['Hold'];

const reasons: Record<string, () => string> = {
  restored: m.hold_restored,
  copied: m.hold_copied,
  failover: m.hold_failover,
  diverged: m.hold_diverged,
};
export function holdReason(h: Hold): string {
  if (h.reason === 'declared')
    return h.note ? m.hold_declared_note({ by: h.by ?? '', note: h.note }) : m.hold_declared({ by: h.by ?? '' });
  return (reasons[h.reason] ?? m.hold_diverged)();
}

/** Whether the server holds what leaves it: everybody sees that, wherever they are. */
class Holding {
  hold = $state.raw<Hold>();
  held = $state.raw<Held>();
  #off: (() => void) | undefined;

  start(): void {
    this.#off ??= live.on((e) => {
      if (e.type === 'log.epoch_began' || e.type === 'hold.released') void this.load();
    });
    void this.load();
  }
  clear(): void {
    this.#off?.();
    this.#off = undefined;
    this.hold = this.held = undefined;
  }
  async load(): Promise<void> {
    try {
      const r = await take(api.GET('/api/system/hold'));
      this.hold = r.hold;
      this.held = r.held;
    } catch {
      // Whoever needs to know asks again; a page without a banner is no failure of its own.
    }
  }
}

export const holding = new Holding();
