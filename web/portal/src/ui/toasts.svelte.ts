import { Failure } from '../api/client';

export interface Notice {
  id: number;
  text: string;
  failure?: Failure;
  undo?: () => Promise<unknown> | void;
}

const LASTING = 10_000;

/** Short news with an Undo. They wait while they are looked at, and the last Undo stays on Ctrl+Z. */
class Notices {
  list = $state<Notice[]>([]);
  #next = 1;
  #timers = new Map<number, number>();
  #held = false;
  #last: Notice | undefined;

  say(text: string, undo?: Notice['undo']): void {
    this.#add({ id: this.#next++, text, undo });
  }
  fail(error: unknown, text = ''): void {
    if (error instanceof DOMException && error.name === 'AbortError') return;
    const failure = Failure.of(error);
    if (failure.status === 401) return; // the sign-in page says it
    this.#add({ id: this.#next++, text, failure });
  }
  /** Makes something what Ctrl+Z takes back, without a word: its own line on the page says it. */
  last(undo: NonNullable<Notice['undo']>): void {
    this.#last = { id: 0, text: '', undo };
  }
  /** Takes away what failed before: something has worked since. */
  settle(): void {
    for (const old of this.list.filter((x) => x.failure)) this.drop(old.id);
  }
  #add(n: Notice): void {
    if (n.undo) this.#last = n;
    if (!n.failure) this.settle();
    for (const old of this.list.slice(0, -2)) this.drop(old.id);
    this.list.push(n);
    this.#arm(n.id);
  }
  #arm(id: number): void {
    if (!this.#held)
      this.#timers.set(
        id,
        window.setTimeout(() => this.drop(id), LASTING),
      );
  }
  drop(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.list = this.list.filter((n) => n.id !== id);
  }
  /** Stops the clocks while the pointer or the focus is on the notices. */
  hold(on: boolean): void {
    if (on === this.#held) return;
    this.#held = on;
    for (const t of this.#timers.values()) clearTimeout(t);
    if (!on) for (const n of this.list) this.#arm(n.id);
  }
  async undo(n = this.#last): Promise<boolean> {
    if (!n?.undo) return false;
    if (this.#last === n) this.#last = undefined;
    this.drop(n.id);
    try {
      await n.undo();
    } catch (e) {
      this.fail(e);
    }
    return true;
  }
}

export const notices = new Notices();
