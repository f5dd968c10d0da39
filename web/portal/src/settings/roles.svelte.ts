import { api, take, type Schemas } from '../api/client';
import { Loaded } from '../api/loaded.svelte';
import { roleName } from '../ui/labels';

type RoleView = Schemas['RoleView'];

/** The roles of the library: the ready-made ones and its own. */
export class RoleList {
  #list = new Loaded(async () => (await take(api.GET('/api/roles'))).items ?? []);

  constructor() {
    void this.load();
  }
  load = () => this.#list.load();
  get all(): RoleView[] {
    return this.#list.value ?? [];
  }
  get own(): RoleView[] {
    return this.all.filter((r) => !r.ready_made);
  }
  get readyMade(): string[] {
    return this.all.filter((r) => r.ready_made).map((r) => r.name);
  }
  /** What a person or a token can be given; with a role that somebody has, that one in any case. */
  choices(now?: string): string[] {
    return [...new Set([...this.all.map((r) => r.name), 'none', ...(now ? [now] : [])])];
  }
  title(name: string): string {
    return this.all.find((r) => r.name === name)?.title ?? roleName(name);
  }
}
