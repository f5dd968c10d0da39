import { api, take, type Collection, type Failure } from './api';

/** A list the whole portal shares: read once, read again on demand. */
class Shared<T> {
  items = $state.raw<T[]>([]);
  failure = $state.raw<Failure>();
  ready = $state(false);
  #read: () => Promise<{ items?: T[] | null }>;
  #busy: Promise<void> | undefined;
  constructor(read: () => Promise<{ items?: T[] | null }>) {
    this.#read = read;
  }
  load(): Promise<void> {
    return (this.#busy ??= this.#go());
  }
  async #go(): Promise<void> {
    try {
      this.items = (await this.#read()).items ?? [];
      this.failure = undefined;
    } catch (e) {
      this.failure = e as Failure;
    }
    this.ready = true;
    this.#busy = undefined;
  }
}

export const catalogue = {
  collections: new Shared<Collection>(() => take(api.GET('/api/collections')) as Promise<{ items?: Collection[] }>),
};
