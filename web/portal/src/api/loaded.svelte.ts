import { Failure } from './client';

/** Something read from the server: there, on its way, or failed, and read again on demand. */
export class Loaded<T> {
  value = $state.raw<T>();
  failure = $state.raw<Failure>();
  ready = $state(false);
  #read: () => Promise<T>;
  #busy: Promise<void> | undefined;
  #again = false;

  constructor(read: () => Promise<T>) {
    this.#read = read;
  }
  load(): Promise<void> {
    // What is on its way may have been read before the change that asks for this.
    if (this.#busy) this.#again = true;
    return (this.#busy ??= this.#go());
  }
  async #go(): Promise<void> {
    do {
      this.#again = false;
      try {
        this.value = await this.#read();
        this.failure = undefined;
      } catch (e) {
        this.failure = Failure.of(e);
      }
    } while (this.#again);
    this.ready = true;
    this.#busy = undefined;
  }
}
