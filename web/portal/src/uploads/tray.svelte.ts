import type { DetailedError, Upload } from 'tus-js-client';
import { api, Failure, randomKey, take, type Asset, type Problem, type Schemas } from '../api/client';
import { live } from '../api/live.svelte';
import { scope } from '../api/scope';
import { COPIED, droppedFiles, queue, type Entry } from './queue';
import { final, isSidecar, paired, type Chosen } from './sidecars';

const AT_ONCE = 3;
const CHUNK = 8 * 1024 * 1024;
/** The library that an installation begins with. */
const MAIN = 'main';

export type ItemState = 'waiting' | 'sending' | 'paused' | 'done' | 'duplicate' | 'rejected' | 'failed' | 'missing';

const idOf = (url: string) =>
  url
    .replace(/[?#].*$/, '')
    .replace(/\/+$/, '')
    .split('/')
    .pop() ?? '';

export type Alike = Schemas['SimilarAsset'];
/** The least likeness that is told: where the report of near duplicates begins. */
const LIKE = 0.9;

export class Item {
  sent = $state(0);
  state = $state<ItemState>('waiting');
  failure = $state.raw<Failure>();
  /** The asset the bytes have become, or that already had them. */
  asset = $state('');
  upload: Upload | undefined;
  /** What the new picture looks like, once it has been looked at. */
  alike = $state.raw<Alike>();
  /** Whether it has been moved to the bin from here. */
  binned = $state(false);
  /** Whether its likeness is still to be told. */
  curious = false;
  constructor(readonly entry: Entry) {}
}

const isDetailed = (e: unknown): e is DetailedError => e instanceof Error && 'originalResponse' in e;
function problemOf(e: unknown): Failure {
  const res = isDetailed(e) ? e.originalResponse : null;
  if (!res) return new Failure({ code: 'offline', detail: String(e) });
  let problem: Problem = {};
  try {
    problem = JSON.parse(res.getBody());
  } catch {
    problem = { detail: res.getBody().slice(0, 200) };
  }
  return new Failure({ ...problem, status: problem.status ?? res.getStatus() }, res.getHeader('X-Request-Id') ?? '');
}

/** The upload tray: three files at a time, each resumable after a lost connection, a reload or a crash. */
class Tray {
  items = $state<Item[]>([]);
  open = $state(true);
  online = $state(navigator.onLine);
  rate = $state(0);
  /** The library whose queue is shown: somebody of another one may sign in. */
  #restored: string | undefined;
  #samples: [number, number][] = [];
  #timer = 0;

  readonly done = $derived(this.items.filter((i) => i.state === 'done').length);
  readonly failed = $derived(this.items.filter((i) => i.state === 'failed').length);
  readonly busy = $derived(
    this.items.filter((i) => i.state === 'sending' || i.state === 'waiting' || i.state === 'paused').length,
  );
  readonly total = $derived(this.items.reduce((n, i) => n + i.entry.size, 0));
  readonly sent = $derived(
    this.items.reduce((n, i) => n + (/^(done|duplicate|rejected)$/.test(i.state) ? i.entry.size : i.sent), 0),
  );
  /** Seconds left at the present rate; 0 when it cannot be told. */
  readonly left = $derived(this.rate > 0 ? (this.total - this.sent) / this.rate : 0);

  constructor() {
    live.on((e) => {
      if (e.type === 'asset.analysed')
        for (const i of this.items) if (i.curious && i.asset === e.subject) void this.#compare(i, e.seq);
      if (e.type === 'asset.missed') this.#compareAll();
      if (e.type === 'asset.deleted' || e.type === 'asset.purged')
        for (const i of this.items) if (i.alike?.asset.id === e.subject) i.alike = undefined;
    });
    addEventListener('offline', () => {
      this.online = false;
      for (const i of this.items) {
        if (i.state !== 'sending') continue;
        i.state = 'paused';
        void i.upload?.abort();
      }
    });
    addEventListener('online', () => {
      this.online = true;
      for (const i of this.items) if (i.state === 'paused') i.state = 'waiting';
      this.#next();
    });
    addEventListener('beforeunload', () => {
      for (const i of this.items) void i.upload?.abort();
    });
  }

  /** Brings back what an earlier visit left unfinished. */
  async restore(): Promise<void> {
    if (this.#restored === scope.library) return;
    this.#restored = scope.library;
    this.items = this.items.filter((i) => (i.entry.library ?? MAIN) === scope.library);
    for (const entry of await queue.all()) {
      if ((entry.library ?? MAIN) !== scope.library) continue; // goes on once its library is open
      if (this.items.some((i) => i.entry.key === entry.key)) continue;
      const item = new Item(entry);
      if (entry.duplicate) {
        item.state = 'duplicate';
        item.asset = entry.duplicate;
      } else if (entry.asset) item.asset = entry.asset;
      else if (!entry.file) item.state = 'missing';
      this.items.push(item);
    }
    for (const i of this.items) if (i.state === 'missing' && i.entry.handle) await this.#reopen(i, false);
    for (const i of this.items) if (i.state === 'waiting' && i.entry.url && !i.entry.asset) await this.#settled(i);
    this.#next();
  }

  /** A file whose answer was lost in a reload may be an asset already. */
  async #settled(i: Item): Promise<void> {
    try {
      const r = await take(api.GET('/api/uploads/{id}/result', { params: { path: { id: idOf(i.entry.url ?? '') } } }));
      if (r.asset && r.status === 'created') this.#finish(i, r.asset);
      else if (r.status === 'duplicate')
        this.#refuse(
          i,
          new Failure({
            ...r.problem,
            code: 'duplicate',
            duplicate: r.problem?.duplicate ?? { asset: r.asset ?? '', choices: null },
          }),
        );
      else if (r.problem) this.#refuse(i, new Failure(r.problem));
    } catch {
      // unknown there: the upload itself finds out
    }
  }

  async #reopen(i: Item, ask: boolean): Promise<boolean> {
    const h = i.entry.handle;
    if (!h) return false;
    const state = ask ? await h.requestPermission?.() : await h.queryPermission?.();
    if (state !== 'granted') return false;
    try {
      i.entry.file = await h.getFile();
    } catch {
      return false; // moved or deleted meanwhile
    }
    i.state = 'waiting';
    return true;
  }

  /** Asks for a file again that was too large to be kept. */
  async find(i: Item): Promise<void> {
    if (await this.#reopen(i, true)) this.#next();
    else this.choose();
  }

  choose(target = ''): void {
    const input = document.createElement('input');
    input.type = 'file';
    input.multiple = !target;
    input.hidden = true;
    input.ariaLabel = 'files';
    input.onchange = () => {
      this.add(
        [...(input.files ?? [])].map((file) => ({ file })),
        target,
      );
      input.remove();
    };
    input.oncancel = () => input.remove();
    document.body.append(input);
    input.click();
  }
  async drop(data: DataTransfer): Promise<void> {
    this.add(await droppedFiles(data));
  }

  add(files: Chosen[], target = ''): void {
    const fresh: Item[] = [];
    for (const { file, handle, sidecar } of paired(files)) {
      const again = this.items.find(
        (i) => i.state === 'missing' && i.entry.name === file.name && i.entry.size === file.size,
      );
      if (again) {
        again.entry.file = file;
        again.state = 'waiting';
        continue;
      }
      fresh.push(
        new Item({
          key: randomKey(),
          library: scope.library,
          name: file.name,
          type: file.type,
          size: file.size,
          modified: file.lastModified,
          target,
          file,
          ...(handle && { handle }),
          ...(sidecar && { sidecar }),
        }),
      );
    }
    this.items.push(...fresh);
    this.open = true;
    this.#next();
    void (async () => {
      for (const i of fresh) if (i.state !== 'done') await this.#keep(i);
    })();
  }
  async #keep(i: Item): Promise<void> {
    const { file, ...entry } = i.entry;
    await queue.put({ ...entry, ...(file && file.size <= COPIED && { file }) });
    if (i.state === 'done' || i.state === 'rejected') await queue.remove(entry.key);
  }

  retry(): void {
    for (const i of this.items) if (i.state === 'failed') i.state = 'waiting';
    this.#next();
  }
  remove(i: Item): void {
    if (i.upload && !i.entry.asset && i.state !== 'done' && i.state !== 'rejected')
      void i.upload.abort(true).catch(() => {});
    void queue.remove(i.entry.key);
    this.items = this.items.filter((x) => x !== i);
    this.#next();
  }
  clear(): void {
    for (const i of this.items) if (/^(done|rejected)$/.test(i.state)) void queue.remove(i.entry.key);
    this.items = this.items.filter((i) => !/^(done|rejected)$/.test(i.state));
  }

  /**
   * Pictures are looked at after their upload: an event says when, and it may have come before the upload's own answer.
   */
  async #compare(i: Item, seq = 0): Promise<void> {
    try {
      const r = await take(
        api.GET('/api/assets/{id}/similar', {
          params: { path: { id: i.asset }, query: { min: LIKE, limit: 1, ...(seq && { wait: seq }) } },
        }),
      );
      if (r.pending) return;
      i.curious = false;
      i.alike = r.items[0];
    } catch {
      // the asset's own page says it, too
    }
  }
  #compareAll(): void {
    for (const i of this.items) if (i.curious) void this.#compare(i);
  }
  /** Leaves both as they are. */
  keep(i: Item): void {
    i.alike = undefined;
  }
  /** Moves the new picture to the bin; what it returns takes that back. */
  async bin(i: Item): Promise<() => Promise<void>> {
    const [asset, alike, params] = [i.asset, i.alike, { params: { path: { id: i.asset } } }];
    await take(api.DELETE('/api/assets/{id}', params));
    i.alike = undefined;
    i.binned = true;
    return async () => {
      await take(api.POST('/api/assets/{id}/undelete', params));
      if (i.asset !== asset) return;
      i.binned = false;
      i.alike = alike;
    };
  }

  /** Carries out a person's choice for bytes that are already in the library. */
  async resolve(i: Item, choice: 'new_version' | 'keep_both', asset = ''): Promise<void> {
    try {
      const r = await take(
        api.POST('/api/uploads/{id}/resolve', {
          params: { path: { id: idOf(i.entry.url ?? '') } },
          body: { choice, asset: asset || undefined },
        }),
      );
      this.#finish(i, r.asset?.id ?? i.asset);
    } catch (e) {
      i.failure = Failure.of(e);
    }
  }
  /** Leaves the existing asset as it is: the second copy is let go. */
  letGo(i: Item): void {
    this.remove(i);
  }

  #finish(i: Item, asset: string): void {
    i.asset = asset;
    i.sent = i.entry.size;
    i.state = i.entry.sidecar ? 'sending' : 'done';
    i.failure = undefined;
    i.entry.file = undefined;
    void this.#besides(i);
    if (!i.entry.target && !isSidecar(i.entry.name)) {
      i.curious = true;
      void this.#compare(i);
    }
    this.#next();
  }
  /**
   * Sends what stands beside a file that has become an asset. Refused, it says why; the asset stays. What may pass by
   * itself leaves the item failed, in the queue, and is tried again without the file.
   */
  async #besides(i: Item): Promise<void> {
    const sidecar = i.entry.sidecar;
    if (!sidecar) {
      await queue.remove(i.entry.key);
      return;
    }
    i.entry.asset = i.asset;
    await this.#keep(i);
    try {
      await take(
        api.PUT('/api/assets/{id}/sidecar', {
          params: { path: { id: i.asset }, query: { file_name: sidecar.name } },
          body: '',
          bodySerializer: () => sidecar,
          headers: { 'Content-Type': 'application/rdf+xml' },
        }),
      );
    } catch (e) {
      i.failure = Failure.of(e);
      if (!final(i.failure.status)) {
        i.state = this.online ? 'failed' : 'paused';
        this.#next();
        return;
      }
    }
    i.entry.sidecar = i.entry.asset = undefined;
    i.state = 'done';
    this.#next();
    await queue.remove(i.entry.key);
  }
  #refuse(i: Item, f: Failure): void {
    i.failure = f;
    if (f.code === 'duplicate') {
      i.asset = f.problem.duplicate?.asset ?? '';
      i.entry.duplicate = i.asset;
      i.state = 'duplicate';
      i.failure = undefined;
      i.entry.file = undefined;
      void this.#keep(i);
    } else if (f.status === 413 || f.status === 415 || f.status === 422) {
      i.state = 'rejected';
      void queue.remove(i.entry.key);
    } else {
      i.state = this.online ? 'failed' : 'paused';
    }
    this.#next();
  }

  #next(): void {
    if (!this.online) return;
    let busy = this.items.filter((i) => i.state === 'sending').length;
    for (const i of this.items) {
      if (busy >= AT_ONCE) break;
      if (i.state !== 'waiting') continue;
      busy++;
      i.state = 'sending';
      i.failure = undefined;
      void this.#send(i);
    }
    this.#measure();
  }

  async #send(i: Item): Promise<void> {
    if (i.entry.asset) {
      this.#finish(i, i.entry.asset);
      return;
    }
    const { Upload } = await import('tus-js-client');
    const library = i.entry.library ?? MAIN;
    const file = i.entry.file;
    if (!file) {
      i.state = 'missing';
      return;
    }
    const up = new Upload(file, {
      endpoint: '/api/uploads',
      chunkSize: CHUNK,
      headers: scope.headers(library),
      // The same file for another library is another upload.
      ...(library !== MAIN && {
        fingerprint: async () => ['tus', library, i.entry.name, i.entry.size, i.entry.modified].join('-'),
      }),
      retryDelays: [0, 800, 2500, 6000],
      removeFingerprintOnSuccess: true,
      metadata: {
        filename: i.entry.name,
        filetype: i.entry.type,
        on_duplicate: 'ask',
        ...(i.entry.target && { asset: i.entry.target }),
      },
      onUploadUrlAvailable: () => {
        i.entry.url = up.url ?? undefined;
        void this.#keep(i);
      },
      onProgress: (sent) => (i.sent = sent),
      // A refusal is an answer, not a fault: only what may pass by itself is tried again.
      onShouldRetry: (e) => {
        const status = e.originalResponse?.getStatus() ?? 0;
        if (status === 409) return problemOf(e).code !== 'duplicate';
        return navigator.onLine && (status < 400 || status >= 500 || status === 423 || status === 429);
      },
      onSuccess: ({ lastResponse }) => {
        const asset = lastResponse.getHeader('Vitrine-Asset');
        if (asset) this.#finish(i, asset);
        else
          void this.#settled(i).then(
            () => i.state === 'sending' && this.#refuse(i, new Failure({ code: 'unavailable' })),
          );
      },
      onError: (e) => {
        if (i.state === 'paused') return;
        const f = problemOf(e);
        if (f.code === 'duplicate') void forget(up);
        this.#refuse(i, f);
      },
    });
    i.upload = up;
    const before = await up.findPreviousUploads();
    const own = before.find((b) => b.uploadUrl === i.entry.url) ?? before[0];
    if (own) {
      i.entry.url = own.uploadUrl ?? undefined;
      up.resumeFromPreviousUpload(own);
    }
    if (i.state === 'sending') up.start();
  }

  // Rate over the last eight seconds, so that the time left neither jumps nor lags.
  #measure(): void {
    if (this.#timer || !this.busy) return;
    this.#samples = [];
    this.#timer = window.setInterval(() => {
      const now = performance.now() / 1000;
      this.#samples.push([now, this.sent]);
      this.#samples = this.#samples.filter(([t]) => now - t <= 8);
      const [since = now, sent = 0] = this.#samples[0] ?? [];
      this.rate = now > since ? Math.max(0, (this.sent - sent) / (now - since)) : 0;
      if (this.busy) return;
      clearInterval(this.#timer);
      this.#timer = 0;
      this.rate = 0;
    }, 500);
  }
}

// The same file chosen again must start anew, not resume an upload the server has already judged.
async function forget(up: Upload): Promise<void> {
  for (const p of await up.findPreviousUploads())
    if (p.urlStorageKey) await up.options.urlStorage?.removeUpload(p.urlStorageKey);
}

export const tray = new Tray();
