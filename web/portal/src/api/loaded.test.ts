import { expect, test } from 'vitest';
import { Loaded } from './loaded.svelte';

test('a change while a read is on its way is read as well', async () => {
  let state = 'being sent';
  let release = () => {};
  const gate = new Promise<void>((r) => (release = r));
  let reads = 0;
  const list = new Loaded(async () => {
    const seen = state;
    if (reads++ === 0) await gate;
    return seen;
  });
  const first = list.load();
  state = 'delivered';
  const second = list.load();
  release();
  await Promise.all([first, second]);
  expect(list.value).toBe('delivered');
  expect(reads).toBe(2);
});
