/**
 * What is selected: some ids, or everything a query finds except some. The second form costs the same
 * for ten assets as for a million, and says what the person meant.
 */
export class Selection {
  all = $state(false);
  /** The chosen ids, or, when all is true, the ids left out. */
  ids = $state<ReadonlySet<string>>(new Set());
  /** Where a range begins: the index of the last single choice. */
  anchor = 0;

  has(id: string): boolean {
    return this.ids.has(id) !== this.all;
  }
  count(total: number): number {
    return this.all ? Math.max(0, total - this.ids.size) : this.ids.size;
  }
  toggle(id: string): void {
    const next = new Set(this.ids);
    if (!next.delete(id)) next.add(id);
    this.ids = next;
  }
  /** Adds (or, in an all-selection, brings back) every id of a range. */
  add(range: Iterable<string>): void {
    const next = new Set(this.ids);
    for (const id of range) {
      if (this.all) next.delete(id);
      else next.add(id);
    }
    this.ids = next;
  }
  everything(): void {
    this.all = true;
    this.ids = new Set();
  }
  clear(): void {
    this.all = false;
    this.ids = new Set();
  }
}
