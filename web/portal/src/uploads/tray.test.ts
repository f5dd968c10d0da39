import { beforeEach, expect, test, vi } from 'vitest';
import { Failure } from '../api/client';
import type { Entry } from './queue';

const stored = new Map<string, Entry>();
const answers: (() => unknown)[] = [];
const sent: string[] = [];
let uploads = 0;

vi.mock('../api/live.svelte', () => ({ live: { on: () => {} } }));
vi.mock('../api/client', async (actual) => ({
  ...(await actual<object>()),
  take: async (v: unknown) => v,
  api: {
    GET: async () => ({ items: [] }),
    PUT: async (_: string, o: { bodySerializer: () => File }) => {
      sent.push(o.bodySerializer().name);
      return answers.shift()?.();
    },
  },
}));
vi.mock('./queue', () => ({
  COPIED: 1e6,
  queue: {
    all: async () => [...stored.values()],
    put: async (e: Entry) => void stored.set(e.key, e),
    remove: async (key: string) => void stored.delete(key),
  },
}));
vi.mock('tus-js-client', () => ({
  Upload: class {
    constructor(
      readonly file: File,
      readonly options: { onSuccess: (o: object) => void },
    ) {}
    findPreviousUploads = async () => [];
    start() {
      uploads++;
      this.options.onSuccess({ lastResponse: { getHeader: () => 'a_1' } });
    }
  },
}));

const fail = (status: number) => () => {
  throw new Failure({ status });
};
async function fresh() {
  vi.resetModules();
  return (await import('./tray.svelte')).tray;
}
const files = () => [
  { file: new File(['x'], 'a.jpg'), folder: '/' },
  { file: new File(['x'], 'a.xmp'), folder: '/' },
];

beforeEach(() => {
  vi.stubGlobal('navigator', { onLine: true });
  vi.stubGlobal('addEventListener', () => {});
  vi.stubGlobal('window', { setInterval: () => 1 });
  vi.stubGlobal('clearInterval', () => {});
  stored.clear();
  answers.length = sent.length = uploads = 0;
});

test('a sidecar whose sending fails is kept, and sent again without its file', async () => {
  answers.push(fail(503), fail(0), () => ({}));
  const tray = await fresh();
  tray.add(files());
  await vi.waitFor(() => expect(tray.items[0]?.state).toBe('failed'));
  expect([...stored.values()].map((e) => [e.name, e.asset, e.sidecar?.name])).toEqual([['a.jpg', 'a_1', 'a.xmp']]);

  const reloaded = await fresh();
  await reloaded.restore();
  await vi.waitFor(() => expect(reloaded.items[0]?.state).toBe('failed'));
  reloaded.retry();
  await vi.waitFor(() => expect(reloaded.items[0]?.state).toBe('done'));
  await vi.waitFor(() => expect(stored.size).toBe(0));
  expect([uploads, sent]).toEqual([1, ['a.xmp', 'a.xmp', 'a.xmp']]);
});

test('a sidecar that is refused is let go, and says why', async () => {
  answers.push(fail(422));
  const tray = await fresh();
  tray.add(files());
  await vi.waitFor(() => expect(tray.items[0]?.state).toBe('done'));
  expect(tray.items[0]?.failure?.status).toBe(422);
  await vi.waitFor(() => expect(stored.size).toBe(0));
});
